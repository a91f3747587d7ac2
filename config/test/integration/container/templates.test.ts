import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import type { DnsmasqContext } from '../../../container/decide/contexts.ts';
import { dnsmasqContext, nginxContext } from '../../../container/decide/contexts.ts';
import { run } from '../../../host/run.ts';
import { compileTemplate } from '../../../kit/render.ts';

const place = { interface: 'lo', address: '127.0.0.1', prefixLength: 8 };
const environment = {
  provisionerIp: '127.0.0.1',
  dhcpRangeStart: '127.0.0.100',
  dhcpRangeEnd: '127.0.0.200',
  vmsWatch: 'auto' as const,
};
const rangeV6 = { start: '::64', end: '::c8' };

let directory: string;

before(async () => {
  directory = await mkdtemp(join(tmpdir(), 'templates-'));
});

after(async () => {
  await rm(directory, { recursive: true, force: true });
});

async function render(template: string, context: object): Promise<{ file: string; text: string }> {
  const source = await readFile(new URL(`../../../container/templates/${template}.hbs`, import.meta.url), 'utf8');
  const text = compileTemplate(template, source)(context);
  const file = join(directory, template);
  await writeFile(file, text);
  return { file, text };
}

const contexts: { what: string; context: DnsmasqContext }[] = [
  { what: 'with IPv4 alone', context: dnsmasqContext(environment, place) },
  { what: 'with an IPv6 range', context: dnsmasqContext({ ...environment, dhcpRangeV6: rangeV6 }, place) },
];
for (const { what, context } of contexts) {
  test(`dnsmasq accepts its configuration ${what}`, async () => {
    const { file } = await render('dnsmasq.conf', context);

    const { stderr } = await run('dnsmasq', ['--test', `--conf-file=${file}`], { timeoutMs: 10_000 });

    assert.match(stderr, /syntax check OK/);
  });
}

test('without IPv6 variables the configuration says nothing of IPv6', async () => {
  const { text } = await render('dnsmasq.conf', dnsmasqContext(environment, place));

  const active = text.split('\n').filter((line) => !line.startsWith('#'));
  assert.deepEqual(
    active.filter((line) => /constructor|option6|enable-ra|::/.test(line)),
    [],
  );
});

test('nginx accepts its configuration', async () => {
  const context = { ...nginxContext(place, [], 65_536, { limit: 1024, connections: 512 }), runDirectory: directory };
  const { file, text } = await render('nginx.conf', context);
  // The one thing that is the container's: its own standard output.
  await writeFile(file, text.replace('/dev/stdout', join(directory, 'access.log')));

  const { stderr } = await run('nginx', ['-t', '-e', 'stderr', '-c', file], { timeoutMs: 10_000 });

  assert.match(stderr, /test is successful/);
});
