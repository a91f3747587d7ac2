import type { Arch } from '../contract/architecture.ts';
import type { Advice, ImageVerdict, PublishedImage, Remark } from '../contract/published-images.ts';
import type { InspectedImage } from '../definitions/image-choice.ts';
import { chooseInstallFiles } from '../definitions/image-choice.ts';
import { createImageStore } from '../definitions/read/image-files.ts';
import type { ImageLook } from '../inspect/decide/next-inspection.ts';
import { isFinal } from '../inspect/decide/next-inspection.ts';
import { inspectLook } from '../inspect/inspect-image.ts';
import { lookAtImage } from '../inspect/look-at-images.ts';
import { describeError } from '../kit/errors.ts';

/** Whether an image directory installs. */
export interface InstallVerdict {
  verdict: 'installs' | 'cannot be installed' | 'not inspected yet';
  /** Why it cannot be installed, or why nobody knows. */
  reasons: Advice[];
  /** What is worth knowing of one that installs. */
  warnings: Remark[];
}

export interface JudgeOptions {
  /** What is known already; what was found in other files than those that are there now does not count. */
  published: readonly PublishedImage[];
  /** Whether an image that nobody has inspected is inspected now. */
  inspects: boolean;
  /** Is told when that takes long. */
  say: (line: string) => void;
}

const failedFix = "read the container's log, then change the image: it is looked into again";
/** Longer than an inspection of small images. */
const longMs = 2000;

/** Judges one image directory as a definition without "kernel" would install it. What cannot be looked into is not judged.
 * @throws HostError the directory cannot be listed */
export async function judgeImageDirectory(
  imagesDir: string,
  distro: string,
  arch: Arch,
  options: JudgeOptions,
): Promise<InstallVerdict> {
  const look = await lookAtImage(imagesDir, `${distro}/${arch}`);
  const found = await findVerdict(imagesDir, look, options);
  const image = await createImageStore(imagesDir, () => found.inspected).list(distro, arch);
  const files = chooseInstallFiles({ distro, arch }, image);
  const warnings = found.inspected?.warnings ?? [];
  if (!files.ok) {
    const reasons = files.faults.map(({ problem, fix }) => ({ problem, fix }));
    return { verdict: 'cannot be installed', reasons, warnings };
  }
  if (found.inspected !== undefined) return { verdict: 'installs', reasons: [], warnings };
  return { verdict: 'not inspected yet', reasons: [found.why], warnings };
}

async function findVerdict(
  imagesDir: string,
  look: ImageLook | undefined,
  { published, inspects, say }: JudgeOptions,
): Promise<{ inspected?: InspectedImage; why: Advice }> {
  const nobody = { problem: 'nobody has looked into it', fix: 'leave out --no-inspect, or start the container' };
  if (look?.rootfs === undefined) return { why: nobody };
  const { image, fingerprint } = look;
  const known = published.find((one) => one.image === image && one.fingerprint === fingerprint);
  if (known?.state === 'inspected') return { inspected: verdictOf(known), why: nobody };
  // Whatever ended image-inspector would end this process.
  if (known !== undefined && isFinal(known))
    return { why: { problem: known.reason ?? 'it could not be looked into', fix: failedFix } };
  if (!inspects) return { why: nobody };
  const timer = setTimeout(() => say(`looking into images/${image}, which is read from end to end`), longMs);
  try {
    return { inspected: verdictOf(await inspectLook(imagesDir, look)), why: nobody };
  } catch (error) {
    return { why: { problem: describeError(error), fix: 'let it be read, then try again' } };
  } finally {
    clearTimeout(timer);
  }
}

function verdictOf({ faults, warnings, kernelsWithoutModules, misnamedKernels }: ImageVerdict): InspectedImage {
  const misnamed = misnamedKernels === undefined ? {} : { misnamedKernels };
  return { faults, warnings, kernelsWithoutModules, ...misnamed };
}
