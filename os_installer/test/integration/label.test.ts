import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { test } from 'node:test';

import { label } from '../../src/steps/label.ts';
import { installationInto } from './support/installation.ts';
import { writeTree } from './support/tree.ts';

const contexts = 'etc/selinux/targeted/contexts/files/file_contexts';
const enforcing = {
  'etc/selinux/config': '# of the image\nSELINUX=enforcing\nSELINUXTYPE=targeted\n',
  [contexts]: '/.* system_u:object_r:etc_t:s0\n',
  'usr/sbin/setfiles': 'ELF',
};

/** @returns commands that were run, whether the first boot is to label, and what was said */
async function labelled(
  context: TestContext,
  files: Record<string, string>,
  { kernelArgs = [], fails = false }: { kernelArgs?: string[]; fails?: boolean } = {},
): Promise<{ commands: string[]; later: boolean; lines: string }> {
  const installation = installationInto(await writeTree(context, files));
  const commands: string[] = [];
  await label.run(
    { kernelArgs },
    {
      ...installation,
      run: ({ file, args }) => {
        commands.push([file, ...args.slice(1)].join(' '));
        return fails ? Promise.reject(new Error('setfiles exited with 255')) : Promise.resolve('');
      },
    },
  );
  return { commands, later: await installation.system.has('.autorelabel'), lines: installation.lines.join('\n') };
}

const command = `chroot setfiles -m -F -e /proc -e /sys -e /dev -e /run -e /boot/efi /${contexts} /`;

test("a system with SELinux is labelled by its own setfiles and its policy's contexts", async (context) => {
  assert.deepEqual(await labelled(context, enforcing), { commands: [command], later: false, lines: '' });
});

test('one without SELinux, with it disabled, or with selinux=0 is left alone', async (context) => {
  const nothing = { commands: [], later: false, lines: '' };

  assert.deepEqual(await labelled(context, { 'usr/sbin/setfiles': 'ELF' }), nothing);
  assert.deepEqual(await labelled(context, { ...enforcing, 'etc/selinux/config': 'SELINUX=disabled\n' }), nothing);
  assert.deepEqual(await labelled(context, enforcing, { kernelArgs: ['selinux=0'] }), nothing);
});

test('a mode that the definition asks for is set where the policy is chosen, whatever the image has there', async (context) => {
  for (const [kernelArg, mode] of [
    ['enforcing=1', 'enforcing'],
    ['enforcing=0', 'permissive'],
  ] as const) {
    for (const images of ['SELINUX=disabled\n', 'SELINUX = odd\n  SELINUX=enforcing\n', '']) {
      const config = `${images}SELINUXTYPE=targeted`;
      const installation = installationInto(await writeTree(context, { ...enforcing, 'etc/selinux/config': config }));

      await label.run({ kernelArgs: [kernelArg] }, installation);

      const written = (await installation.system.read('etc/selinux/config')) ?? '';
      assert.deepEqual(written.match(/^SELINUX=.*$/gm), [`SELINUX=${mode}`], config);
      assert.match(written, /^SELINUXTYPE=targeted$/m);
    }
  }
});

test('a mode that is asked for where there is no SELinux is said', async (context) => {
  const { commands, later, lines } = await labelled(context, {}, { kernelArgs: ['enforcing=1'] });

  assert.deepEqual([commands, later], [[], false]);
  assert.match(lines, /warn test SELinux is to be enforcing, and the root file system has none/);
});

test('where setfiles is missing or fails, the first boot labels, and that is said', async (context) => {
  const missing = await labelled(context, { 'etc/selinux/config': enforcing['etc/selinux/config'] });
  const failed = await labelled(context, enforcing, { fails: true });

  assert.deepEqual([missing.commands, missing.later], [[], true]);
  assert.deepEqual([failed.commands, failed.later], [[command], true]);
  assert.match(missing.lines, /warn test the files could not be labelled/);
  assert.match(failed.lines, /setfiles exited with 255/);
});
