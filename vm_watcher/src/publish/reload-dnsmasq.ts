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
    throw new HostError(`send SIGHUP to dnsmasq (pid ${pid}); vm_watcher must run as the user of dnsmasq`, { cause });
  }
}

/** The pid in the file when that process really is dnsmasq: pids are reused. */
async function runningDnsmasq(pidFile: string): Promise<number | undefined> {
  const text = await readIfThere(pidFile);
  const pid = Number(text?.trim());
  if (text === undefined || !Number.isInteger(pid) || pid <= 1) return undefined;
  const name = await readIfThere(`/proc/${pid}/comm`);
  return name?.trim() === 'dnsmasq' ? pid : undefined;
}
