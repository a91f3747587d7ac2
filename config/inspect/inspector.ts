import type { PublishedImage } from '../contract/published-images.ts';
import { formatPublishedImages, parsePublishedImages } from '../contract/published-images.ts';
import { readIfThere, writeAtomic } from '../host/files.ts';
import type { Log } from '../host/log.ts';
import { describeError } from '../kit/errors.ts';
import { describeFault } from '../kit/fault.ts';
import type { ImageLook } from './decide/next-inspection.ts';
import { afterLook, withState } from './decide/next-inspection.ts';
import type { Inspection } from './inspect-image.ts';
import { inspectLook } from './inspect-image.ts';
import { lookAtImage, lookAtImages } from './look-at-images.ts';

/** Keeps what is published equal to what lies in the image directories. */
export interface Inspector {
  /** Looks at every directory, publishes what has changed, and begins one inspection when none runs. */
  look(): Promise<void>;
  /** Settles when the inspection that runs has ended. */
  idle(): Promise<void>;
  /** Publishes that the inspection that runs was not ended by a fault of its own. */
  stop(): Promise<void>;
}

export interface InspectorOptions {
  imagesDir: string;
  /** What it publishes, and what it remembers when it starts again. */
  publishedFile: string;
  log: Log;
}

/** @throws HostError what an earlier run has published is there and cannot be read */
export async function createInspector({ imagesDir, publishedFile, log }: InspectorOptions): Promise<Inspector> {
  const publication = await openPublication(publishedFile, log);
  let before: ReadonlyMap<string, string> = new Map();
  let running: { image: string; ended: Promise<void> } | undefined;
  let lastProblem = '';

  async function look(): Promise<void> {
    const looks = await lookAtImages(imagesDir);
    const next = afterLook(publication.images(), looks, before, running?.image, new Date().toISOString());
    before = new Map(looks.map(({ image, fingerprint }) => [image, fingerprint]));
    await publication.set(next.images);
    const { due } = next;
    if (due === undefined || running !== undefined) return;
    const ended = inspect(due)
      .catch((error: unknown) => {
        log.error('inspection not published', { image: due.image, reason: describeError(error) });
      })
      .finally(() => (running = undefined));
    running = { image: due.image, ended };
  }

  async function inspect(due: ImageLook): Promise<void> {
    const { image } = due;
    const { attempts = 0, failures = 0, reason } = publication.images().find((one) => one.image === image) ?? {};
    const begun = withState(due, 'waiting', 'it is being inspected', new Date().toISOString());
    await publication.replace({ ...begun, attempts: attempts + 1, failures });
    if (failures === 0) log.info('inspecting', { image, file: due.rootfs });
    const found = await inspectLook(imagesDir, due).catch((error: unknown) => ({ failed: describeError(error) }));
    const since = new Date().toISOString();
    const still = await lookAtImage(imagesDir, image).catch(() => undefined);
    if (still?.fingerprint !== due.fingerprint) {
      log.info('changed while it was inspected', { image });
      await publication.replace(withState(due, 'waiting', 'its files are still changing', since));
    } else if ('failed' in found) {
      // It may be repeated for days.
      if (reason !== found.failed) log.warn('not inspected, trying again', { image, reason: found.failed });
      await publication.replace({ ...withState(due, 'failed', found.failed, since), attempts, failures: failures + 1 });
    } else {
      logInspection(log, image, found);
      const { fingerprint } = due;
      await publication.replace({ image, state: 'inspected', fingerprint, attempts: 0, ...found, since });
    }
  }

  return {
    async look() {
      try {
        await look();
        lastProblem = '';
      } catch (error) {
        const problem = describeError(error);
        if (problem !== lastProblem) log.warn('images not looked at, trying again', { reason: problem });
        lastProblem = problem;
      }
    },
    async idle() {
      await running?.ended;
    },
    async stop() {
      const { image } = running ?? {};
      await publication.set(publication.images().map((one) => (one.image === image ? { ...one, attempts: 0 } : one)));
    },
  };
}

/** The published file, and what it holds. */
interface Publication {
  images(): readonly PublishedImage[];
  /** Writes only what differs. @throws the file system's error */
  set(images: readonly PublishedImage[]): Promise<void>;
  /** One image that is still there. */
  replace(image: PublishedImage): Promise<void>;
}

async function openPublication(file: string, log: Log): Promise<Publication> {
  let images: readonly PublishedImage[] = await imagesOfEarlierRun(file, log);
  let written: string | undefined;
  let writing: Promise<void> = Promise.resolve();

  async function write(): Promise<void> {
    const text = formatPublishedImages({ images });
    if (text === written) return;
    await writeAtomic(file, text);
    written = text;
  }

  function set(next: readonly PublishedImage[]): Promise<void> {
    images = next;
    // One after the other: a look and an inspection may end at the same time.
    writing = writing.catch(() => undefined).then(write);
    return writing;
  }

  return {
    images: () => images,
    set,
    replace: (image) => set(images.map((old) => (old.image === image.image ? image : old))),
  };
}

function logInspection(log: Log, image: string, { facts, faults, warnings }: Inspection): void {
  const fields = { image, system: facts?.osRelease?.prettyName, faults: faults.length, ms: facts?.durationMs };
  log.info('inspected', { ...fields, warnings: warnings.length });
  for (const { problem, fix } of faults) log.warn('image cannot be installed', { image, problem, fix });
}

/** What was found before counts as long as the files are the same. */
async function imagesOfEarlierRun(file: string, log: Log): Promise<readonly PublishedImage[]> {
  const text = await readIfThere(file, `the inspected images "${file}"`);
  if (text === undefined) return [];
  const read = parsePublishedImages(text);
  if (read.ok) return read.value.images;
  log.warn('inspected images not used', { reason: read.faults.map(describeFault).join(' ') });
  return [];
}
