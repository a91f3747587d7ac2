import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { arch as machineArch, tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { after, before, describe, test } from 'node:test';

import { Spec, Validation } from '@cyclonedx/cyclonedx-library';
import type { Arch } from '@pxeboot/config/contract/architecture';
import { architectures } from '@pxeboot/config/contract/architecture';
import { run } from '@pxeboot/config/host/run';
import { debianRootFor, makeImage, tarOf } from '@pxeboot/config/test/support/root-archive';

import { httpGet } from '../../src/container.ts';
import type { LabSettings } from '../../src/decide/settings.ts';
import { provisionerIp } from '../../src/decide/settings.ts';
import { requestLease } from './support/dhcp-client.ts';
import { resolveName } from './support/dns.ts';
import { imageSuite } from './support/image-suite.ts';
import type { TestClient } from './support/network.ts';
import type { TestStack } from './support/stack.ts';
import { createTestStack, testLab } from './support/stack.ts';

/** ELF: e_machine, at offset 18. */
const elfMachines: Record<Arch, number> = { x86_64: 62, aarch64: 183 };
const own: Arch = machineArch() === 'arm64' ? 'aarch64' : 'x86_64';
const definition = {
  name: 'web1',
  role: 'target',
  arch: own,
  mac: '52:54:00:00:00:41',
  ip: '192.168.105.41',
  subnet: '192.168.105.0/24',
  pxeboot: true,
  distro: 'debian-12',
};
/** A container of the other architecture runs emulated: its Node alone takes some seconds to start. */
const startMs = 180_000;
const labelPrefix = 'org.opencontainers.image.';
const budgetBytes = 400_000_000; // DESIGN: 400 MB or less

for (const arch of Object.keys(elfMachines) as Arch[]) {
  const debian = architectures[arch].debian;
  // pvmlab tags what it has loaded with the container's name, whatever that is.
  const lab: LabSettings = { ...testLab(arch), container: `any_name_${debian}` };

  describe(
    `pxeboot_stack_${debian}.tar, handled as pvmlab does${arch === own ? '' : ', emulated'}`,
    imageSuite(lab),
    () => {
      let stack: TestStack;
      let client: TestClient;
      before(async () => {
        if (arch !== own) await run(join(process.cwd(), 'config/build/emulation.sh'), [debian], { timeoutMs: 20_000 });
        stack = await createTestStack(lab);
        client = await stack.network.addClient('vm', definition.mac);
      });

      after(async () => {
        await stack.dispose();
      });

      test('it keeps to its budget', async () => {
        const { size } = await stat(lab.tarball);

        console.log(`${lab.tarball}: ${size} bytes`);
        assert.ok(size <= budgetBytes, `${size} bytes`);
      });

      test('docker load prints one line, from which the name is read', async () => {
        const { stdout } = await stack.docker(['load', '-i', lab.tarball], 120_000);

        assert.equal(stdout, 'Loaded image: pxeboot_stack:latest');
        await stack.docker(['tag', 'pxeboot_stack:latest', `${lab.container}:latest`]);
      });

      test('it is an image for that architecture, with its entry point, health check and labels that are true', async () => {
        const { stdout } = await stack.docker(['inspect', '--type', 'image', `${lab.container}:latest`]);
        const [{ Architecture, Os, Config }] = JSON.parse(stdout) as [
          {
            Architecture: string;
            Os: string;
            Config: { Entrypoint: string[]; Healthcheck: { Test: string[] }; Labels: Record<string, string> };
          },
        ];

        assert.deepEqual([Architecture, Os], [debian, 'linux']);
        assert.deepEqual(Config.Entrypoint, ['/usr/local/bin/node', '/opt/pxeboot/entrypoint.cjs']);
        assert.deepEqual(Config.Healthcheck.Test, ['CMD', '/opt/pxeboot/healthcheck']);
        const labels = Object.entries(Config.Labels).filter(([name]) => name.startsWith(labelPrefix));
        assert.deepEqual(labels.map(([name]) => name.replace(labelPrefix, '')).sort(), [
          'base.name',
          'created',
          'description',
          'licenses',
          'revision',
          'source',
          'title',
          'version',
        ]);
        await checkLabels((name) => Config.Labels[`${labelPrefix}${name}`] ?? 'none');
      });

      for (const program of ['/usr/local/bin/node', '/usr/sbin/nginx', '/usr/sbin/dnsmasq']) {
        test(`${program} is a program for it`, async () => {
          assert.equal(await elfMachineOf(stack, lab, program), elfMachines[arch]);
        });
      }

      test('nothing in it is setuid or setgid', async () => {
        const words = ['run', '--rm', '--network=none', '--entrypoint=find', `${lab.container}:latest`];
        const { stdout } = await stack.docker([...words, '/', '-xdev', '-perm', '/6000'], startMs);

        assert.equal(stdout, '');
      });

      test('it tells what it is made of, with the copyright of what it ships', async () => {
        const text = await readFrom(stack, lab, '/usr/share/pxeboot/bill-of-materials.cdx.json');
        assert.equal(await new Validation.JsonStrictValidator(Spec.Version.v1dot6).validate(text), null);
        const bill = JSON.parse(text) as Bill;
        const versionOf = (purl: string): string | undefined =>
          bill.components.find((each) => each.purl.replace(/@[^?]*/, '') === purl)?.version;

        assert.deepEqual([bill.bomFormat, bill.metadata.component.properties[0]?.value], ['CycloneDX', debian]);
        const { stdout: licences } = await stack.docker([
          ...['inspect', '--type', 'image', `${lab.container}:latest`],
          ...['--format', `{{index .Config.Labels "${labelPrefix}licenses"}}`],
        ]);
        assert.equal(bill.metadata.component.licenses[0]?.expression, licences);
        assert.match(licences, /^MIT AND .*\bGPL-2\.0-only\b/);
        const status = await readFrom(stack, lab, '/var/lib/dpkg/status');
        const nginx = new RegExp(`^Package: nginx\\n(?:.+\\n)*?Version: (.+)$`, 'm').exec(status)?.[1];
        assert.ok(nginx !== undefined);
        assert.equal(versionOf(`pkg:deb/debian/nginx?arch=${debian}`), nginx);
        for (const part of ['pkg:npm/express', 'pkg:npm/node', 'pkg:deb/debian/ipxe?arch=all']) {
          assert.match(versionOf(part) ?? `${part} is not named`, /^[\d.]+/);
        }
        for (const guest of ['amd64', 'arm64']) {
          assert.match(versionOf(`pkg:deb/debian/busybox-static?arch=${guest}`) ?? 'not named', /^1:1\./);
        }
        for (const each of bill.components) assert.match(copyrightOf(each), /^\/usr\/share\//, each.purl);
        const copyrights = '/usr/share/pxeboot/copyright';
        const npm = bill.components.find(({ purl }) => purl.startsWith('pkg:npm/undici@'));
        const node = bill.components.find(({ purl }) => purl.startsWith('pkg:npm/node@'));
        for (const [file, words] of [
          [`${copyrights}/busybox-static`, /GPL-2/],
          [`${copyrights}/libstdc++6`, /GCC RUNTIME LIBRARY EXCEPTION/],
          [npm && copyrightOf(npm), /Permission is hereby granted/],
          [node && copyrightOf(node), /Node\.js is licensed for use as follows/],
        ] as const) {
          assert.ok(file !== undefined);
          assert.match(await readFrom(stack, lab, file), words);
        }
      });

      test('it runs under that name, and health check and address answer', async () => {
        await stack.save('web1.json', definition);
        await stack.start(arch === own ? {} : { options: await tiniStandIn(lab) });
        await stack.untilServing();

        assert.equal((await stack.get('/healthz')).status, 200);
      });

      test('Python has found its modules compiled', async () => {
        assert.doesNotMatch((await stack.docker(['diff', lab.container])).stdout, /__pycache__/);
      });

      test('vm_watcher has published the definition', async () => {
        assert.match(await httpGet('/api/vms', lab), /"web1"/);
        assert.deepEqual(await resolveName(stack.network, 'web1.pvmlab.local'), [definition.ip]);
      });

      test('firmware of both architectures is given its address and its iPXE binary', async () => {
        for (const [code, file] of [
          [7, 'ipxe-x86_64.efi'],
          [11, 'ipxe-arm64.efi'],
        ] as const) {
          const lease = await requestLease(client, { arch: code });
          const bootFile = lease['boot_file'] ?? lease['bootfile'];
          assert.deepEqual([lease['ip'], bootFile, lease['siaddr']], [definition.ip, file, provisionerIp]);
        }
      });

      for (const guest of Object.keys(elfMachines) as Arch[]) {
        test(`a definition for ${guest} gives the script that boots the installer for it`, async () => {
          const directory = join(stack.images, 'debian-12', guest);
          makeImage(directory, { 'rootfs.tar.gz': gzipSync(tarOf(debianRootFor(guest))) });
          await stack.save('web1.json', { ...definition, arch: guest });

          const { status, body } = await stack.get(`/ipxe?mac=${definition.mac}`);

          assert.equal(status, 200, body);
          const lines = body.split('\n').filter((line) => /^(kernel|initrd) /.test(line));
          assert.deepEqual(
            lines.map((line) => line.split(' ')[1]),
            [
              `http://${provisionerIp}/images/debian-12/${guest}/vmlinuz-6.1.0-9-amd64`,
              `http://${provisionerIp}/initrds/${guest}/initrd.gz`,
              `http://${provisionerIp}/images/debian-12/${guest}/modules.cpio.gz`,
            ],
          );
          assert.equal((await stack.get(`/initrds/${guest}/initrd.gz`, ['-r', '0-3'])).status, 206);
        });
      }

      test('docker stop ends it with status 0', async () => {
        await stack.docker(['stop', ...(arch === own ? [] : ['--time', '60']), lab.container], startMs);

        assert.equal(await stack.exitStatus(10_000), 0);
      });
    },
  );
}

async function checkLabels(label: (name: string) => string): Promise<void> {
  const { version } = JSON.parse(await readFile('package.json', 'utf8')) as { version: string };
  const commit = /^([0-9a-f]{40})(-dirty)?$/.exec(label('revision'))?.[1];
  assert.ok(commit !== undefined, label('revision'));
  const committed = await run('git', ['show', '--no-patch', '--format=%ct', commit], { timeoutMs: 20_000 });

  assert.equal(label('version'), version);
  assert.match(label('created'), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
  assert.equal(Date.parse(label('created')) / 1000, Number(committed.stdout));
  assert.match(label('source'), /^((https?|ssh):\/\/[^@]+|git@.+)?$/);
  assert.match(label('base.name'), /^(docker\.io\/library\/debian:trixie-slim|localhost\/pxeboot_base_\w+:trixie)$/);
}

interface Bill {
  bomFormat: string;
  metadata: { component: { properties: { value: string }[]; licenses: { expression: string }[] } };
  components: { version: string; purl: string; properties: { name: string; value: string }[] }[];
}

function copyrightOf({ properties }: Bill['components'][number]): string {
  return properties.find(({ name }) => name === 'pxeboot:copyright')?.value ?? 'not named';
}

/** QEMU's user emulation refuses prctl(PR_SET_CHILD_SUBREAPER), so tini ends there: a program in its place starts the same
 * supervisord, but adopts no orphans. */
async function tiniStandIn(lab: LabSettings): Promise<string[]> {
  const file = join(lab.state, 'tini');
  await writeFile(file, '#!/bin/sh\nwhile [ "$1" != -- ]; do shift; done\nshift\nexec "$@"\n', { mode: 0o755 });
  return ['--mount', `type=bind,source=${file},target=/usr/bin/tini,readonly`];
}

async function elfMachineOf(stack: TestStack, lab: LabSettings, program: string): Promise<number> {
  return (await copyFrom(stack, lab, program)).readUInt16LE(18);
}

async function readFrom(stack: TestStack, lab: LabSettings, path: string): Promise<string> {
  return (await copyFrom(stack, lab, path)).toString();
}

/** A file of the image, of which no program is run. */
async function copyFrom(stack: TestStack, lab: LabSettings, path: string): Promise<Buffer> {
  const directory = await mkdtemp(join(tmpdir(), 'image-'));
  const { stdout: id } = await stack.docker(['create', `${lab.container}:latest`]);
  try {
    await stack.docker(['cp', '-L', `${id}:${path}`, join(directory, 'file')]);
    return await readFile(join(directory, 'file'));
  } finally {
    await stack.docker(['rm', id]);
    await rm(directory, { recursive: true, force: true });
  }
}
