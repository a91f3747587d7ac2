/** What is done with one more report of a VM. */
export type Judgement = 'taken' | 'refused' | 'refused-and-logged';

/** How many reports of each VM are taken. */
export interface ReportLimit {
  /** @param nowMs by a monotonic clock */
  judge(mac: string, nowMs: number): Judgement;
}

/** An installation has about 40 events, and reports progress once a second. */
export const [burst, perSecond] = [120, 3];
const logEveryMs = 60_000;

interface Allowance {
  left: number;
  countedAtMs: number;
  loggedAtMs: number;
}

/** Takes 120 reports at once from each VM, and 3 each second after that: a guest could fill the log's disk with them.
 * A refusal is logged once a minute for each VM. Only VMs with a definition come here. */
export function createReportLimit(): ReportLimit {
  const allowances = new Map<string, Allowance>();
  return {
    judge(mac, nowMs) {
      const { left, countedAtMs, loggedAtMs } = allowances.get(mac) ?? {
        left: burst,
        countedAtMs: nowMs,
        loggedAtMs: -Infinity,
      };
      const now = Math.min(burst, left + ((nowMs - countedAtMs) / 1000) * perSecond);
      const taken = now >= 1;
      const logged = !taken && nowMs - loggedAtMs >= logEveryMs;
      allowances.set(mac, {
        left: taken ? now - 1 : now,
        countedAtMs: nowMs,
        loggedAtMs: logged ? nowMs : loggedAtMs,
      });
      if (taken) return 'taken';
      return logged ? 'refused-and-logged' : 'refused';
    },
  };
}
