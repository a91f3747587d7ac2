import type { TestRun } from '../../../testing/report/decide/results.ts';

export function sampleRun(started: string, changes: Partial<TestRun> = {}): TestRun {
  return {
    started,
    commit: '0123456789ab',
    changed: false,
    machine: {
      processors: 2,
      architecture: 'x86_64',
      accelerator: 'tcg',
      system: 'Debian 12.11',
      qemu: '7.2.22',
      node: '24.21.0',
    },
    ...changes,
  };
}
