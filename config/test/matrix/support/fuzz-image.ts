import type { VmDefinition } from '../../../contract/vm-definition.ts';
import type { ImageFiles } from '../../../definitions/image-choice.ts';
import { completeImage } from '../../support/sample-image.ts';

/** Names that no boot script may have in it. */
const oddNames = [
  'vmlinuz-99 init=/bin/sh',
  'vmlinuz-99;reboot',
  'initrd.img-99\nboot',
  'vmlinuz-${net0/ip}',
  'rootfs.tar.gz.part',
];

/** An image directory that has what a definition asks for, among files with odd names. */
export function imageOf({ distro = '', arch, kernel, initrd }: VmDefinition): ImageFiles {
  const own = [kernel, initrd].filter((name) => name !== undefined);
  return {
    directory: `images/${distro}/${arch}`,
    exists: distro !== 'debian',
    names: [...completeImage, ...oddNames, ...own],
  };
}
