import type { imageFactsSchema } from './schemas/image-facts.schema.ts';
import type { DocumentOf } from './schemas/schema.ts';

/** What the server has found in the root file system of an image directory. */
export type ImageFacts = DocumentOf<typeof imageFactsSchema>;

/** A kernel release with what belongs to it. */
export type KernelFacts = ImageFacts['kernels'][number];

/** Modules of one kernel release. */
export type ModulesFacts = Pick<KernelFacts, 'release' | 'modules' | 'index'>;

/** EFI programs and tools that make a disk start. */
export type BootLoaderFacts = ImageFacts['bootLoader'];
