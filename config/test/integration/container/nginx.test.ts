import assert from 'node:assert/strict';
import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { run } from '../../../host/run.ts';
import { needs } from '../../support/requirements.ts';
import type { RunningNginx } from './support/running-nginx.ts';
import { nginxPrograms, runNginx } from './support/running-nginx.ts';

const { skip } = needs(...nginxPrograms);
let nginx: RunningNginx;
let directory: string;
const ask = async (path: string, ...options: string[]): Promise<string> => nginx.ask(path, ...options);

before(async () => {
  if (skip !== false) return;
  nginx = await runNginx();
  directory = nginx.directory;
});

after(async () => {
  if (skip === false) await nginx.stop();
});

test(
  'a directory asked for without its slash is found again behind whatever port the client uses',
  { skip },
  async () => {
    const answer = await ask('/images/debian-12', '-H', 'Host: 10.0.0.1:8080');

    assert.match(answer, /^HTTP\/1\.1 301 /);
    assert.match(answer, /^Location: \/images\/debian-12\/\r$/m);
  },
);

test('nothing below a name with a dot is served: an import is not finished there', { skip }, async () => {
  for (const path of ['.import-x/image', 'debian-12/.replaced-x86_64']) {
    await mkdir(join(directory, 'www/images', path), { recursive: true });
    await writeFile(join(directory, 'www/images', path, 'vmlinuz'), 'kernel');
    assert.match(await ask(`/images/${path}/vmlinuz`), /^HTTP\/1\.1 404 /);
    assert.match(await ask(`/images/${path.replace('.', '%2e')}/`), /^HTTP\/1\.1 404 /);
  }
  await writeFile(join(directory, 'www/images/debian-12/vmlinuz-6.1.0-9'), 'kernel');

  assert.match(await ask('/images/debian-12/vmlinuz-6.1.0-9'), /^HTTP\/1\.1 200 [^]*kernel$/);
  assert.doesNotMatch(await ask('/images/debian-12/'), /replaced/);
});

test('the reason is a script with status 200 also for a client that names no host', { skip }, async () => {
  const answer = await ask('/ipxe/why?mac=52:54:00:00:00:01', '--http1.0', '-H', 'Host:');

  assert.match(answer, /^HTTP\/1\.1 200 /);
  assert.match(answer, /^echo pxeboot_stack: this VM \(MAC 52:54:00:00:00:01\) is not defined\.$/m);
});

const bootUrl = /^chain --replace --autofree (http:\/\/[^/]*\/ipxe)\?/m;
const whyOf = '/ipxe/why?mac=52:54:00:00:00:01';
const hosts: [string, string, string, string][] = [
  ['a name with an underscore', whyOf, 'Host: pxeboot_stack', 'http://pxeboot_stack/ipxe'],
  ['a full name with its dot', whyOf, 'Host: provisioner.pvmlab.local.', 'http://provisioner.pvmlab.local/ipxe'],
  ['a port that a proxy has', whyOf, 'Host: pxe.example.org:8080', 'http://pxe.example.org:8080/ipxe'],
  ['a link-local address with its zone', whyOf, 'Host: [fe80::1%25eth0]', 'http://127.0.0.1/ipxe'],
  ['a link-local address', whyOf, 'Host: [fe80::1]', 'http://127.0.0.1/ipxe'],
  ['another host in the request target', `http://target:8080${whyOf}`, 'Host: header', 'http://target:8080/ipxe'],
  ['several slashes', `/${whyOf}`, 'Host: a', 'http://a/ipxe'],
  ['several slashes inside', '/ipxe//why?mac=52:54:00:00:00:01', 'Host: a', 'http://a/ipxe'],
];
for (const [what, target, header, url] of hosts) {
  test(`a request with ${what} gets URLs that lead back`, { skip }, async () => {
    const answer = await send(request(target, header));

    assert.match(answer, /^HTTP\/1\.1 200 /);
    assert.match(answer, /is not defined\.$/m);
    assert.equal(bootUrl.exec(answer)?.[1], url);
  });
}

test('both logs have the time that all services have, UTC, whatever TZ the container has', { skip }, async () => {
  const before = Date.now();

  const { log } = await withLog(() => ask('/images/none'));

  const [error = '', access = ''] = log.toString().trimEnd().split('\n');
  assert.match(access, /^\S+\+00:00 info nginx GET/);
  const [accessTime, errorTime] = [
    Date.parse(access.slice(0, 25)),
    Date.parse(`${error.slice(0, 19).replaceAll('/', '-').replace(' ', 'T')}Z`),
  ];
  for (const time of [accessTime, errorTime]) assert.ok(Math.abs(time - before) < 60_000, `${access}\n${error}`);
});

/** A request by its bytes, one for each character. */
function request(path: string, header = 'Host: a', method = 'GET'): string {
  return `${method} ${path} HTTP/1.1\r\n${header}\r\nConnection: close\r\n\r\n`;
}

/** The answer to bytes sent as they are. */
async function send(bytes: string): Promise<string> {
  const script = join(import.meta.dirname, '../../support/send-raw.ts');
  const base64 = Buffer.from(bytes, 'latin1').toString('base64');
  const [program, ...words] = [...nginx.inside, process.execPath, script, '127.0.0.1', '80', base64];
  return (await run(program, words, { timeoutMs: 10_000 })).stdout;
}

/** An answer, and what nginx logged meanwhile: the request's line in the access log comes last. */
async function withLog(answered: () => Promise<string>): Promise<{ answer: string; log: Buffer }> {
  const read = (): Promise<Buffer[]> =>
    Promise.all(['error.log', 'access.log'].map((name) => readFile(join(directory, name))));
  const before = await read();
  const answer = await answered();
  for (const deadline = performance.now() + 60_000; ;) {
    const [errors, accesses] = (await read()).map((all, n) => all.subarray(before[n]?.length));
    if (accesses!.length > 0) return { answer, log: Buffer.concat([errors!, accesses!]) };
    assert.ok(performance.now() < deadline, 'nginx logs the request');
    await sleep(20);
  }
}

/** Every line is of nginx's making, and none holds what ends a line or acts on a terminal. */
function assertOwnLines(log: Buffer): void {
  const lines = new TextDecoder('utf-8', { fatal: true }).decode(log).split('\n');
  assert.equal(lines.pop(), '');
  const own = /^(?:\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d \[\w+\] \d+#\d+: |\d{4}-\d\d-\d\dT\S+ info nginx (?:[A-Z]+|-) ")/;
  for (const line of lines) {
    assert.match(line, own);
    assert.doesNotMatch(line, /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/u);
  }
}

const forged = '2026-01-01T00:00:00.000Z%20warn%20boot_handler%20forged';
/** What nginx itself would print as it came: a path once decoded, the request line, two headers. */
const unfit: [string, string][] = [
  ['a line of its own in the path', request(`/images/%0a${forged}%0a`)],
  ['a line end last in the path', request('/images/x%0a')],
  ['a carriage return in the path', request('/images/%0d')],
  ['a tab in the path', request('/images/a%09b')],
  ['an escape in the path', request('/images/%1b[2J')],
  ['DEL in the path', request('/images/%7f')],
  ['a null byte in the path', request('/images/%00')],
  ['a C1 control in the path', request('/images/%c2%9b2J')],
  ['the byte of a C1 control in the path', request('/images/%9b2J')],
  ['a C1 control in the path, as it is', request('/images/\xc2\x9b2J')],
  ['the byte of a C1 control in the path, as it is', request('/images/\x9b2J')],
  ['a line separator in the path', request('/images/%e2%80%a8x')],
  ['a paragraph separator in the path', request('/images/%E2%80%A9x')],
  ['a left-to-right mark in the path', request('/images/%e2%80%8ex')],
  ['an Arabic letter mark in the path', request('/images/%d8%9cx')],
  ['a right-to-left override in the path', request('/images/%e2%80%aegnp.iso')],
  ['an isolate in the path', request('/images/%e2%81%a6x')],
  ['a soft hyphen in the path', request('/images/%c2%adx')],
  ['a sign that encloses numbers in the path', request('/images/%d8%80x')],
  ['a zero width space in the path', request('/images/%e2%80%8bx')],
  ['a word joiner in the path', request('/images/%e2%81%a0x')],
  ['a byte order mark in the path', request('/images/%ef%bb%bfx')],
  ['what is no character in the path', request('/images/%ef%bf%bex')],
  ['an annotation in the path', request('/images/%ef%bf%b9x')],
  ['a tag in the path', request('/images/secret.txt%f3%a0%81%81')],
  ['a joiner of hieroglyphs in the path', request('/images/%f0%93%90%b0')],
  ['a mark of shorthand in the path', request('/images/%f0%9b%b2%a0')],
  ['a beam of notes in the path', request('/images/%f0%9d%85%b3')],
  ['a tag in the request line, as it is', request('/images/x?\xf3\xa0\x81\x81')],
  ['a character cut short in the path', request('/images/%c3')],
  ['an overlong line end in the path', request('/images/%c0%8a')],
  ['half a surrogate pair in the path', request('/images/%ed%a0%80')],
  ['a character above the last one in the path', request('/images/%f4%90%80%80')],
  ['a line of its own behind double slashes', request(`//images//%0a${forged}`)],
  ['a line of its own behind dots', request(`/x/../images/./%0a${forged}`)],
  ['dots that lead out, behind a line of its own', request(`/%0a${forged}/../../..`)],
  ['a line of its own in a directory that is not there', request(`/images/%0a${forged}/`)],
  ['a line of its own in an initrd', request(`/initrds/%0a${forged}`)],
  ['a line of its own in a boot file', request(`/boot/%0a${forged}`)],
  ['a line of its own for boot_handler', request(`/config/%0a${forged}`)],
  ['a line of its own for the reason on the screen', request(`/ipxe/why%0a${forged}`)],
  ['an escape in the request line, as it is', request('/images/x?\x1b[2J')],
  ['a C1 control in the query, as it is', request('/ipxe?mac=\xc2\x9b2J')],
  ['the byte of a C1 control in the query, as it is', request('/ipxe?mac=\x9b2J')],
  ['a C1 control in the host of the request line', request('http://a\xc2\x9b2J/images/x')],
  ['an escape in Host', request('/images/x', 'Host: a\x1b[2J')],
  ['a C1 control in Host', request('/images/x', 'Host: a\xc2\x9b2J')],
  ['an escape in Referer', request('/images/x', 'Host: a\r\nReferer: http://a/\x1b[2J')],
  ['a carriage return in Referer', request('/images/x', 'Host: a\r\nReferer: a\rforged')],
  ['a C1 control in Referer', request('/images/x', 'Host: a\r\nReferer: \xc2\x9b2J')],
  ['a right-to-left override in Referer', request('/images/x', 'Host: a\r\nReferer: \xe2\x80\xaex')],
];
for (const [what, bytes] of unfit) {
  test(`${what} is answered 400 and stays out of the log`, { skip }, async () => {
    const { answer, log } = await withLog(() => send(bytes));

    assert.match(answer, /^HTTP\/1\.1 400 /);
    assertOwnLines(log);
  });
}

test('a request is refused for its path before nginx complains of its body', { skip }, async () => {
  const { answer, log } = await withLog(() => ask(`/%0a${forged}`, '-X', 'POST', '-H', 'Content-Length: 9999999'));

  assert.match(answer, /^HTTP\/1\.1 400 /);
  assertOwnLines(log);
});

test('a client of HTTP/0.9 forges no line either', { skip }, async () => {
  const { answer, log } = await withLog(() => send(`GET /images/%0a${forged}\r\n`));

  assert.match(answer, /400 Bad Request/);
  assertOwnLines(log);
});

test('headers that nginx never logs may hold anything', { skip }, async () => {
  const names = ['User-Agent', 'Range', 'If-Range', 'If-None-Match', 'Cookie', 'X-Forwarded-For', 'Expect'];
  const headers = names.map((name) => `${name}: \x1b[2J\x9b`).join('\r\n');

  const { answer, log } = await withLog(() => send(request('/images/x', `Host: a\r\n${headers}`)));

  assert.match(answer, /^HTTP\/1\.1 404 /);
  assertOwnLines(log);
});

const fileNames = ['a b', 'a+b', '100%', 'é', '日本', '💾', 'what?', 'a#b', 'schöner – “Name”', 'it\'s "1"; $x\\'];
for (const name of fileNames) {
  test(
    `a file called ${name}, and a link to it, is served, in whatever way its name is written`,
    { skip },
    async () => {
      const images = join(directory, 'www/images');
      await writeFile(join(images, name), name);
      await symlink(name, join(images, `link ${name}`));

      for (const path of [name, `link ${name}`].flatMap(spellings)) {
        const { answer, log } = await withLog(() =>
          send(request(`/images/${path}`, 'Host: a\r\nReferer: http://a/images/%0a')),
        );

        assert.match(answer, /^HTTP\/1\.1 200 /);
        assert.equal(answer.split('\r\n\r\n')[1], name);
        assertOwnLines(log);
      }
    },
  );
}

/** What is not ASCII may also come as it is. */
function spellings(name: string): string[] {
  const encoded = encodeURIComponent(name);
  return [encoded, Buffer.from(encoded.replace(/(?:%[89A-F].)+/g, decodeURIComponent)).toString('latin1')];
}

test('a directory with a hostile file name is listed', { skip }, async () => {
  await mkdir(join(directory, 'www/images/hostile'));
  await writeFile(join(directory, 'www/images/hostile/a\n2026 forged \x1b[2J'), '');

  const { answer, log } = await withLog(() => send(request('/images/hostile/')));

  assert.match(answer, /^<a href="a%0A2026%20forged%20%1B%5B2J">/m);
  assertOwnLines(log);
});

test('boot_handler takes as many headers as nginx does', { skip }, async () => {
  const headers = ['X-A', 'X-B', 'X-C'].map((name) => `${name}: ${'x'.repeat(7000)}`).join('\r\n');

  assert.match(await send(request('/api/images', `Host: a\r\n${headers}`)), /^HTTP\/1\.1 200 /);
});

test('the longest names are looked at whole', { skip }, async () => {
  const long = (last: string): string =>
    request(`/images/${'\xc3\xa9/'.repeat(2700)}x${last}`, `Host: a\r\nReferer: ${'x'.repeat(8000)}`);

  const [fine, bad] = [await withLog(() => send(long(''))), await withLog(() => send(long('%0a')))];

  assert.match(fine.answer, /^HTTP\/1\.1 404 /);
  assert.match(bad.answer, /^HTTP\/1\.1 400 /);
  assert.doesNotMatch(fine.log.toString('latin1'), /\[alert\]/);
});
