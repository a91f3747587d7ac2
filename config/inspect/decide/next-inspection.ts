import type { PublishedImage } from '../../contract/published-images.ts';
import { compareText } from '../../kit/text.ts';

/** One look at an image directory. */
export interface ImageLook {
  /** `<distro>/<arch>`. */
  image: string;
  /** Of the files that an inspection reads: names, sizes, times, inodes. */
  fingerprint: string;
  names: readonly string[];
  /** The tarball that would be installed; absent: there is none. */
  rootfs?: string;
}

/** After so many during which the process died, as when memory ran out, the files must change first. */
const mostAttempts = 3;
/** From a failed inspection to the next one; each further failure doubles it. */
const [firstPauseMs, longestPauseMs] = [2000, 60_000];

/** What is to be published after a look, and which image is to be inspected now.
 * @param looks all image directories   @param before their fingerprints at the look before   @param running is being inspected */
export function afterLook(
  published: readonly PublishedImage[],
  looks: readonly ImageLook[],
  before: ReadonlyMap<string, string>,
  running: string | undefined,
  now: string,
): { images: PublishedImage[]; due: ImageLook | undefined } {
  const known = new Map(published.map((image) => [image.image, image]));
  let due: ImageLook | undefined;
  const images = looks.map((look) => {
    const old = known.get(look.image);
    if (old?.fingerprint === look.fingerprint && (isFinal(old) || look.image === running)) return old;
    const settled = before.get(look.image) === look.fingerprint;
    const next = waiting(look, old, settled, now);
    if (look.rootfs !== undefined && settled && !isFinal(next) && !isPausing(next, now)) due ??= look;
    return next;
  });
  return { images: images.toSorted((a, b) => compareText(a.image, b.image)), due };
}

/** Nobody looks again before its files change. */
export function isFinal({ state, attempts }: PublishedImage): boolean {
  return state === 'inspected' || (state === 'failed' && attempts >= mostAttempts);
}

/** Not by a clock that was set back meanwhile. */
function isPausing({ state, since, failures = 1 }: PublishedImage, now: string): boolean {
  const elapsedMs = Date.parse(now) - Date.parse(since);
  const pauseMs = Math.min(longestPauseMs, firstPauseMs * 2 ** (failures - 1));
  return state === 'failed' && elapsedMs >= 0 && elapsedMs < pauseMs;
}

function waiting(look: ImageLook, old: PublishedImage | undefined, settled: boolean, now: string): PublishedImage {
  const same = old?.fingerprint === look.fingerprint;
  if (same && old.attempts >= mostAttempts) {
    const reason = `its inspection has begun ${mostAttempts} times and did not end; does it need too much memory?`;
    return { ...withState(look, 'failed', reason, now), attempts: old.attempts };
  }
  if (same && old.state === 'failed') return old;
  const next = nothingKnown(look, settled, now);
  const unchanged = same && old.state === next.state && old.reason === next.reason;
  return { ...next, ...(same ? effortsOf(old) : {}), since: unchanged ? old.since : now };
}

/** What was tried with the same files. */
function effortsOf({ attempts, failures }: PublishedImage): Pick<PublishedImage, 'attempts' | 'failures'> {
  return { attempts, ...(failures === undefined ? {} : { failures }) };
}

function nothingKnown(look: ImageLook, settled: boolean, now: string): PublishedImage {
  if (look.rootfs === undefined)
    return withState(look, 'waiting', 'there is no rootfs.tar.gz, .zst, .xz, .bz2 or rootfs.tar', now);
  return withState(look, 'waiting', settled ? 'its turn has not come' : 'its files are still changing', now);
}

/** An image about which nothing is known, for a reason. */
export function withState(
  { image, fingerprint }: Pick<ImageLook, 'image' | 'fingerprint'>,
  state: 'waiting' | 'failed',
  reason: string,
  since: string,
): PublishedImage {
  return { image, state, reason, fingerprint, attempts: 0, faults: [], warnings: [], kernelsWithoutModules: [], since };
}
