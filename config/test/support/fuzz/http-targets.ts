import fc from 'fast-check';

import { oddText, spoilt } from './odd-text.ts';

/** What the server has. */
export interface ServedNames {
  vms: readonly string[];
  macs: readonly string[];
  /** Below `/images/`. */
  files: readonly string[];
}

const seedFiles = ['user-data', 'meta-data', 'network-config', 'vendor-data', 'passwd'];
const climbs = [
  '../',
  '..%2f',
  '%2e%2e/',
  '%2e%2e%2f',
  '..\\',
  '.%2e/',
  '%252e%252e/',
  '..;/',
  '..%00/',
  '..%c0%af',
  './',
  '//',
];

/** Targets that lead somewhere. */
export function targets({ vms, macs, files }: ServedNames): fc.Arbitrary<string> {
  const vm = fc.constantFrom(...vms);
  const mac = fc.constantFrom(...macs);
  const file = fc.constantFrom(...files);
  const query = fc.oneof(
    { weight: 6, arbitrary: fc.constant('') },
    {
      weight: 1,
      arbitrary: fc.constantFrom(
        '&buildarch=x86_64',
        '&buildarch=arm64',
        '&buildarch=i386',
        '&mac=x',
        '&&',
        '&mac[]=1',
      ),
    },
    { weight: 1, arbitrary: oddText.map((text) => `&buildarch=${encoded(text)}`) },
  );
  return fc.oneof(
    { weight: 6, arbitrary: fc.tuple(mac, query).map(([one, more]) => `/ipxe?mac=${one}${more}`) },
    { weight: 5, arbitrary: fc.tuple(mac, query).map(([one, more]) => `/ipxe/why?mac=${one}${more}`) },
    {
      weight: 8,
      arbitrary: fc.tuple(vm, fc.constantFrom(...seedFiles)).map(([one, name]) => `/cloud-init/${one}/${name}`),
    },
    { weight: 6, arbitrary: mac.map((one) => `/config/${one}`) },
    { weight: 4, arbitrary: vm.map((one) => `/api/vms/${one}/plan`) },
    { weight: 8, arbitrary: file.map((one) => `/images/${one}`) },
    {
      weight: 4,
      arbitrary: fc
        .tuple(
          fc.array(fc.constantFrom(...climbs), { maxLength: 6 }),
          fc.constantFrom('secret.txt', 'www/secret.txt', 'vms/web2.json', 'status.key', 'etc/passwd'),
        )
        .map(([up, name]) => `/images/${up.join('')}${name}`),
    },
    { weight: 3, arbitrary: file.map((one) => `/images-without-links/${one}`) },
    {
      weight: 3,
      arbitrary: fc.constantFrom(
        '/boot/',
        '/boot/boot.ipxe',
        '/boot/../secret.txt',
        '/initrds/',
        '/boot',
        '/healthz',
        '/schemas/vm-definition.schema.json',
        '/api/images',
        '/why.ipxe',
        '/',
      ),
    },
  );
}

/** Each character of a text but letters and digits, as its bytes in percent. */
function encoded(text: string): string {
  return Array.from(Buffer.from(text), (byte) => `%${byte.toString(16).padStart(2, '0')}`).join('');
}

/** Values of Host that are none, or odd ones. */
export const oddHosts = [
  ...[
    '',
    'a b',
    'a\0b',
    '[::1',
    '[fe80::1%25eth0]',
    'x'.repeat(300),
    'a:99999',
    'a:b',
    '127.0.0.1:80',
    'ü',
    '${net0/ip}',
    'a/b',
    'a@b',
  ],
  ...['a#b', 'a\\b', '"', '..', '-', '_', 'a,b', '1.2.3.4.', '[::ffff:1.2.3.4]:80', 'evil\tx', '\u202eevil'],
];

/** Targets that are well written and may lead nowhere. */
export function encodedTarget(usual: fc.Arbitrary<string>): fc.Arbitrary<string> {
  return fc.oneof(
    fc.tuple(usual, oddText).map(([target, text]) => `${target}${encoded(text)}`),
    fc
      .tuple(usual, fc.nat(60))
      .map(([target, at]) => `${target.slice(0, at)}${encoded(target.slice(at, at + 3))}${target.slice(at + 3)}`),
    usual.map((target) => `http://10.77.0.1${target}`),
    usual.map((target) => target.replaceAll('/', '//')),
    fc.tuple(usual, fc.constantFrom(300, 2_000)).map(([target, times]) => `${target}${'%41'.repeat(times)}`),
    fc.tuple(usual, fc.constantFrom(300, 3_000)).map(([target, times]) => `${target}${'/a'.repeat(times)}`),
    fc.constantFrom('/%', '/?%ff', '/ipxe?mac=%ff', '/ipxe?mac=%e2%80%ae', '/ipxe/why?mac=%1b[2J', '/ipxe?mac=%00'),
  );
}

/** Targets that are badly written. */
export function oddTarget(usual: fc.Arbitrary<string>): fc.Arbitrary<string> {
  return fc.oneof(
    spoilt(usual),
    fc.tuple(usual, fc.constantFrom(...oddHosts)).map(([target, host]) => `http://${host}${target}`),
    fc
      .tuple(usual, fc.constantFrom('HTTPS://h', 'ftp://h', 'http:', '//h', 'http://u:p@h', '#', '?', '*', '.'))
      .map(([target, before]) => `${before}${target}`),
    usual.map((target) => `${target}${'%41'.repeat(9_000)}`),
    fc.constantFrom(
      '*',
      '',
      'h:80',
      '/%zz',
      '/%ff',
      '/\xff\xfe',
      '/%ED%A0%80',
      '/%E2%80%AE',
      '/%1b[2J',
      '/%0d%0aX: y',
      '/%00',
    ),
    oddText.map((text) => `/${text}`),
  );
}
