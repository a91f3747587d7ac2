import { lstat, stat } from 'node:fs/promises';

import { readIfThere } from '@pxeboot/config/host/files';
import { HostError, isErrno } from '@pxeboot/config/kit/errors';

/** Makes the running dnsmasq read its hosts files again.
 * @returns false when no dnsmasq runs: it will read the files when it starts
 * @throws HostError the pid file cannot be read, or the signal is not allowed */
export async function reloadDnsmasq(pidFile: string): Promise<boolean> {
  const pid = await runningDnsmasq(pidFile);
  if (pid === undefined) return false;
  try {
    process.kill(pid, 'SIGHUP');
    return true;
  } catch (cause) {
    if (isErrno(cause, 'ESRCH')) return false;
    throw new HostError(`send SIGHUP to dnsmasq (pid ${pid}); vm_watcher needs CAP_KILL for that, or dnsmasq's user`, {
      cause,
    });
  }
}

/** The pid in the file when that process really is dnsmasq: pids are reused, and a dnsmasq that somebody has broken into can write
 * another one into its file, which the right to signal every process would then reach. */
async function runningDnsmasq(pidFile: string): Promise<number | undefined> {
  const text = await readIfThere(pidFile);
  const pid = Number(text?.trim());
  if (text === undefined || !Number.isInteger(pid) || pid <= 1) return undefined;
  const name = await readIfThere(`/proc/${pid}/comm`);
  return name?.trim() === 'dnsmasq' && (await haveOneOwner(pidFile, `/proc/${pid}`)) ? pid : undefined;
}

/** dnsmasq gives its file to the user that it then becomes, to whom its directory in /proc belongs.
 * @throws HostError one of the two cannot be looked at */
async function haveOneOwner(pidFile: string, process: string): Promise<boolean> {
  try {
    return (await lstat(pidFile)).uid === (await stat(process)).uid;
  } catch (cause) {
    if (isErrno(cause, 'ENOENT', 'ESRCH')) return false;
    throw new HostError(`look whose "${pidFile}" and "${process}" are`, { cause });
  }
}
