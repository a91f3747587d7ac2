import assert from 'node:assert/strict';
import { test } from 'node:test';

import { InputError } from '@pxeboot/config/kit/errors';

import { planInstallation } from '../../../src/plan.ts';
import type { PlanInput } from '../../../src/plan/decide.ts';
import { disk, input } from '../sample-machine.ts';

test('a machine without UEFI firmware is refused: its disk would not start', () => {
  const given = input();

  assert.throws(
    () => planInstallation({ ...given, hardware: { ...given.hardware, uefi: false } }),
    (error: unknown) => error instanceof InputError && error.message.includes('not started by UEFI firmware'),
  );
});

test('a machine whose kernel would end the installation for want of memory is refused', () => {
  const mib = 2 ** 20;
  const withFree = (availableMemoryBytes: number): PlanInput => {
    const given = input();
    return { ...given, hardware: { ...given.hardware, memoryBytes: 320 * mib, availableMemoryBytes } };
  };

  assert.throws(() => planInstallation(withFree(40 * mib)), {
    name: 'InputError',
    message:
      "plan the installation: 40 MiB of this machine's 320 MiB of memory are free, and unpacking takes 64 MiB; give the VM more memory",
  });
  assert.ok(planInstallation(withFree(64 * mib)).steps.length > 0);
});

test('a machine without memory for the window of what is packed is refused before anything is erased', () => {
  const mib = 2 ** 20;
  const given = input();
  const hardware = { ...given.hardware, availableMemoryBytes: 100 * mib };
  const withWindow = (windowBytes: number): PlanInput => ({
    ...given,
    hardware,
    sources: { ...given.sources, windowBytes },
  });

  assert.throws(() => planInstallation(withWindow(128 * mib)), /100 MiB of .* are free, and unpacking takes 192 MiB/);
  assert.ok(planInstallation(withWindow(8 * mib)).steps.length > 0);
});

test('what can be checked in advance is checked in making the plan: no plan, no erased disk', () => {
  for (const [given, reason] of [
    [
      { disks: [disk('vda', { sizeBytes: 2 ** 30 })] },
      /^choose a disk: \/dev\/vda \(1\.0 GiB, virtio\): it is too small/,
    ],
    [{ disks: [] }, /^choose a disk: this machine has no disk/],
  ] as const) {
    assert.throws(
      () => planInstallation(input({ ...given, disks: 'disks' in given ? [...given.disks] : [disk('vda')] })),
      (error: unknown) => error instanceof InputError && reason.test(error.message),
    );
  }
});
