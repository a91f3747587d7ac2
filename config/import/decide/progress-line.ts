/** How far a long work is: `pack the root file system: 512 of 1400 MB, 85 MB/s, 10 s left`.
 * @param done bytes, of `total`; @param ms since it began */
export function progressLine(what: string, done: number, total: number, ms: number): string {
  const perSecond = ms > 0 ? (done * 1000) / ms : 0;
  const parts = [`${what}: ${megabytes(done)} of ${megabytes(total)} MB`, `${megabytes(perSecond)} MB/s`];
  if (perSecond > 0 && done < total) parts.push(`${duration((total - done) / perSecond)} left`);
  return parts.join(', ');
}

/** Decimal, as disks are sold. */
export function megabytes(bytes: number): number {
  return Math.ceil(bytes / 1e6);
}

function duration(seconds: number): string {
  const whole = Math.ceil(seconds);
  return whole < 60 ? `${whole} s` : `${Math.floor(whole / 60)} min ${whole % 60} s`;
}
