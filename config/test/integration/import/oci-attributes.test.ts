import assert from 'node:assert/strict';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';

import { run } from '../../../host/run.ts';
import { needs } from '../../support/requirements.ts';
import { temporaryDirectory } from './support/disk-image.ts';
import { requirements, unpackedByInstaller } from './support/imported.ts';
import { layoutOf, rootLayer } from './support/oci-layout.ts';

const timeoutMs = 120_000;
needs('setcap', 'setfacl', 'setfattr', 'getfattr');

test('what a layer can say of a file is kept, in each format of tar', requirements, async (context) => {
  const root = await temporaryDirectory(context);
  const long = 'x'.repeat(90);
  await mkdir(join(root, 'srv', long, long), { recursive: true });
  const script = [
    'cd "$1/srv"',
    'echo cap > ping; setcap cap_net_raw+ep ping; setfattr -n user.odd -v 0x00ff0a3d ping; setfacl -m u:4243:r-x ping',
    'setfattr -n security.selinux -v system_u:object_r:ping_exec_t:s0 ping',
    `echo long > "${long}/${long}/file"; ln "${long}/${long}/file" "${long}/${long}/second"; ln -s "${long}/${long}/file" short`,
    `ln -s "${long}/${long}/${long}" "${long}/${long}/link"`,
    'echo odd > "$(printf "b\\\\377d\\\\344")"; echo new > "$(printf "a\\nb")"',
    'mknod null c 1 3; mkfifo fifo; truncate -s 5M sparse; echo end >> sparse',
    'mkdir sticky; chmod 1777 sticky; chown 65534:2000000000 sticky; touch -d 2001-02-03T04:05:06.789Z sticky ping',
  ];
  await run('bash', ['-euc', script.join('\n'), 'bash', root], { timeoutMs });
  for (const format of [
    ['--format=posix', '--xattrs', '--xattrs-include=*', '--acls', '--sparse'],
    ['--format=gnu', '--sparse'],
  ]) {
    const archive = join(root, 'layer.tar');
    await run('tar', ['-C', root, ...format, '--numeric-owner', '-cf', archive, 'srv'], { timeoutMs });
    const layer = Buffer.from((await run('base64', ['-w0', archive], { timeoutMs })).stdout, 'base64');
    const other = { path: 'srv/sticky/late', content: 'late\n' };
    const layout = await layoutOf(context, [await rootLayer(context), layer, [other]]);
    const plain = await temporaryDirectory(context);
    await run('tar', ['-C', plain, '-xpf', archive, '--numeric-owner', '--xattrs', '--xattrs-include=*', '--acls'], {
      timeoutMs,
    });

    const target = await unpackedByInstaller(context, layout);

    const facts = async (top: string): Promise<string> => {
      const find = ['find', 'srv', '-not', '-name', 'late', '-printf', '%p %y %m %U:%G %n %s %t %l\\n'];
      const stats = await run('env', ['-C', top, ...find], { timeoutMs });
      const xattrs = await run('env', ['-C', top, 'getfattr', '-hRd', '-m', '-', '-e', 'hex', 'srv'], { timeoutMs });
      const sums = await run('env', ['-C', top, 'sha256sum', 'srv/ping', 'srv/sparse', 'srv/short'], { timeoutMs });
      return [...stats.stdout.split('\n').sort(), xattrs.stdout, sums.stdout].join('\n');
    };
    assert.equal(await facts(target), await facts(plain));
  }
});
