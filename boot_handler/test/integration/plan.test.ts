import assert from 'node:assert/strict';
import { open, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';

import type { HardwareFacts } from '@pxeboot/config/contract/hardware-facts';
import { run } from '@pxeboot/config/host/run';

import type { RunningHandler } from '../support/running-handler.ts';
import { saveDefinition, saveImage, saveInspected, startHandler } from '../support/running-handler.ts';

interface ShownPlan {
  vm: string;
  assumptions: string[];
  disk: string;
  diskReasons: string[];
  notes: string[];
  steps: { number: number; kind: string; title: string; destroys?: string; commands: string[] }[];
}

const facts: HardwareFacts = {
  disks: [
    {
      name: 'nvme0n1',
      path: '/dev/nvme0n1',
      links: ['/dev/disk/by-id/nvme-1'],
      sizeBytes: 30 * 2 ** 30,
      logicalSectorBytes: 4096,
      transport: 'nvme',
      removable: false,
      readOnly: false,
      model: 'QEMU NVMe Ctrl',
      serial: 'N1',
      wwn: '',
      uses: [],
    },
  ],
  uefi: true,
  memoryBytes: 2 ** 30,
  availableMemoryBytes: 2 ** 29,
  kernelRelease: '6.1.0',
};
const zeros = 'the identifiers of the new file systems are shown as zeros; each installation chooses new ones';

async function startWith(fields: Record<string, unknown> = {}): Promise<RunningHandler> {
  const handler = await startHandler();
  await saveDefinition(handler.vmsDir, fields);
  await saveImage(handler.imagesDir);
  await writeFile(join(handler.imagesDir, 'debian-12/x86_64/rootfs.tar.gz'), gzipSync('not read'));
  return handler;
}

test('what a guest calls its disk does not act on the terminal of the person who asks for the plan', async () => {
  await using handler = await startWith();
  const [disk] = facts.disks;
  assert.ok(disk);
  await report(handler, { ...facts, disks: [{ ...disk, sizeBytes: 1, model: '\x1b]0;x\x07\x1b[2J\u202e' }] });

  const { status, body } = await handler.ask('/api/vms/web1/plan');

  assert.equal(status, 409);
  assert.match(body, /^choose a disk: .*it is too small/);
  assert.doesNotMatch(body.trimEnd(), /[^\n\P{C}]/u);
});

const hardwareEvent = { seq: 2, at: 'now', step: 'prepare', state: 'progress' };

async function report(handler: RunningHandler, reported: HardwareFacts): Promise<void> {
  const body = JSON.stringify({ ...hardwareEvent, facts: reported });
  const { status } = await handler.ask('/status/52:54:00:aa:bb:01', { method: 'POST', body });
  assert.equal(status, 204);
}

async function planOf(handler: RunningHandler): Promise<ShownPlan> {
  const reply = await handler.ask('/api/vms/web1/plan');
  assert.equal(reply.status, 200, reply.body);
  return JSON.parse(reply.body) as ShownPlan;
}

test('before a VM has reported anything, the plan is for one assumed virtio disk, and says so', async () => {
  await using handler = await startWith();

  const plan = await planOf(handler);

  assert.equal(plan.vm, 'web1');
  assert.deepEqual(plan.assumptions, [
    'this VM has reported no hardware since boot_handler started: one virtio disk is assumed, with what install.disk asks for',
    zeros,
  ]);
  assert.deepEqual(plan.diskReasons, ['/dev/vda (20.0 GiB, virtio): taken']);
  assert.deepEqual(
    plan.steps.flatMap(({ destroys }) => (destroys === undefined ? [] : [destroys])),
    ['/dev/vda', '/dev/vda1', '/dev/vda2'],
  );
  assert.deepEqual(plan.steps[1], {
    number: 2,
    kind: 'format-esp',
    title: 'format /dev/vda1 as FAT32',
    destroys: '/dev/vda1',
    commands: ['mkfs.fat -F 32 -n UEFI -i 00000000 /dev/vda1'],
  });
  const base = `http://${handler.host}/images/debian-12/x86_64`;
  assert.ok(plan.steps[4]?.commands[0]?.startsWith(`fetch ${base}/rootfs.tar.gz | gzip -d -c | tar -x`));
});

test('the assumed disk is the one that the hints ask for', async () => {
  const disk = { path: '/dev/disk/by-id/x', serial: 'S1', wwn: '0x5000c500', min_size: '50GiB' };
  await using handler = await startWith({ install: { disk } });

  assert.deepEqual((await planOf(handler)).diskReasons, [
    '/dev/vda (50.0 GiB, virtio, serial S1, wwn 0x5000c500): taken',
  ]);
});

test('the plan is for the hardware reported last, also when many events came since, and in a new run', async () => {
  await using handler = await startWith();
  await report(handler, facts);
  for (let seq = 1; seq < 100; seq++) {
    const body = JSON.stringify({ seq, at: 'now', step: 'unpack', state: 'progress' });
    await handler.ask('/status/52:54:00:aa:bb:01', { method: 'POST', body });
  }

  const plan = await planOf(handler);

  assert.deepEqual(plan.assumptions, [zeros]);
  assert.equal(plan.disk, '/dev/nvme0n1');
  assert.equal(plan.steps[2]?.destroys, '/dev/nvme0n1p2');
});

test('reported hardware on which nothing can be installed gives the reason that the installer would give', async () => {
  await using handler = await startWith({ install: { disk: { serial: 'N2' } } });
  await report(handler, facts);

  assert.deepEqual(await handler.ask('/api/vms/web1/plan'), {
    status: 409,
    type: 'text/plain; charset=utf-8',
    body:
      'choose a disk by install.disk {"serial":"N2"}: /dev/nvme0n1 (30.0 GiB, nvme, QEMU NVMe Ctrl, serial N1): ' +
      'install.disk.serial "N2" does not name it; give the VM a writable disk of at least 1.8 GiB\n',
  });
});

test('hardware that is reported in another shape is refused, and the plan is for what was reported before', async () => {
  await using handler = await startWith();
  await report(handler, facts);
  const body = JSON.stringify({ ...hardwareEvent, facts: { ...facts, disks: [{ name: 'vda' }] } });

  const refused = await handler.ask('/status/52:54:00:aa:bb:01', { method: 'POST', body });

  assert.equal(refused.status, 400);
  assert.match(refused.body, /^POST \/status\/\S+ \/facts\/disks\/0\/path: is missing; add "path"$/m);
  assert.equal((await planOf(handler)).disk, '/dev/nvme0n1');
});

test('the plan knows sizes and sums of the image files', async () => {
  await using handler = await startWith();
  const directory = join(handler.imagesDir, 'debian-12/x86_64');
  await writeFile(join(directory, 'rootfs.tar.gz'), gzipSync('abcdefgh'.repeat(20)));
  await writeFile(join(directory, 'SHA256SUMS'), `${'a'.repeat(64)}  rootfs.tar.gz\n`);

  const { notes } = await planOf(handler);

  assert.deepEqual(notes, [
    'rootfs.tar.gz is checked against SHA256SUMS',
    'vmlinuz-6.1.0-56-cloud-amd64 is not checked: it is not in SHA256SUMS',
    'modules.cpio.gz is not checked: it is not in SHA256SUMS',
    'rootfs.tar.gz unpacks to 0 MiB',
    'the image has not been inspected yet; see /api/images',
  ]);
});

test('a VM that is not installed has no plan: unknown 404, provisioner, direct boot, missing files and wrong ones 409', async () => {
  await using handler = await startWith();
  await saveDefinition(handler.vmsDir, { name: 'gate', role: 'provisioner', mac: '52:54:00:aa:bb:02', ip: '' });
  await saveDefinition(handler.vmsDir, { name: 'live', pxeboot: false, mac: '52:54:00:aa:bb:03', ip: '' });
  await saveDefinition(handler.vmsDir, { name: 'bare', distro: 'none', mac: '52:54:00:aa:bb:04', ip: '' });
  await saveDefinition(handler.vmsDir, { name: 'other', distro: 'fedora-40', mac: '52:54:00:aa:bb:05', ip: '' });
  await saveImage(handler.imagesDir, 'fedora-40/x86_64');
  const faults = [{ problem: 'its image is an HTML page', fix: 'fetch it again' }];
  await saveInspected(handler.inspectedFile, { image: 'fedora-40/x86_64', faults });
  await writeFile(join(handler.vmsDir, 'broken.json'), '{');

  const replies = await Promise.all(
    ['nobody', 'gate', 'live', 'bare', 'other', 'broken'].map((name) => handler.ask(`/api/vms/${name}/plan`)),
  );

  assert.deepEqual(
    replies.map(({ status, body }) => [status, body.slice(0, 46)]),
    [
      [404, 'find the VM "nobody": no file describes it; se'],
      [409, 'plan "gate": it is not installed over the netw'],
      [409, 'plan "live": it is not installed over the netw'],
      [409, 'plan "bare": the directory images/none/x86_64 '],
      [409, 'plan "other": its image is an HTML page; fetch'],
      [409, 'plan "broken.json": it is not in force; see /a'],
    ],
  );
});

test('an empty tarball is 409, as the installer refuses it', async () => {
  await using handler = await startWith();
  await writeFile(join(handler.imagesDir, 'debian-12/x86_64/rootfs.tar.gz'), '');

  const { status, body } = await handler.ask('/api/vms/web1/plan');

  assert.equal(status, 409, body);
  assert.match(body, /read \S*\/rootfs\.tar\.gz: it is empty, .*; fetch the image again/);
});

test('a malformed SHA256SUMS is 409 with its line', async () => {
  await using handler = await startWith();
  await writeFile(join(handler.imagesDir, 'debian-12/x86_64/SHA256SUMS'), 'nonsense');

  const { status, body } = await handler.ask('/api/vms/web1/plan');

  assert.equal(status, 409);
  assert.match(body, /SHA256SUMS: line 1 "nonsense" is none of sha256sum's/);
});

test('a SHA256SUMS that is larger than any list of sums is 409 and is not read', async () => {
  await using handler = await startWith();
  // Sparse, so that the disk holds nothing of it.
  await using file = await open(join(handler.imagesDir, 'debian-12/x86_64/SHA256SUMS'), 'w');
  await file.truncate(2 ** 20 + 1);

  const { status, body } = await handler.ask('/api/vms/web1/plan');

  assert.equal(status, 409, body);
  assert.match(body, /SHA256SUMS: it is larger than 1048576 bytes; write it with "sha256sum \*", or remove it/);
});

test('an image file that is a FIFO is 503 and holds nobody up', async () => {
  await using handler = await startWith();
  const fifo = join(handler.imagesDir, 'debian-12/x86_64/SHA256SUMS');
  await run('mkfifo', [fifo], { timeoutMs: 5000 });

  try {
    const { status } = await handler.ask('/api/vms/web1/plan', { signal: AbortSignal.timeout(5000) });
    assert.equal(status, 503);
  } finally {
    // A reader that hangs would keep this process alive.
    await (await open(fifo, 'r+')).close();
  }
});
