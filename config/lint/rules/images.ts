import type { VmDefinition } from '../../contract/vm-definition.ts';
import type { ImageFiles } from '../../definitions/image-choice.ts';
import { chooseDirectBootFiles, chooseInstallFiles } from '../../definitions/image-choice.ts';
import { showValue } from '../../kit/text.ts';
import type { Finding } from './finding.ts';
import { finding } from './finding.ts';
import { lintDistro } from './installable-distro.ts';

/** What a VM boots from must lie in its image directory; of what cannot be installed nothing is missing.
 * @param image what lies there   @param otherArch what lies beside it for the other architecture */
export function lintImage(file: string, vm: VmDefinition, image: ImageFiles, otherArch: ImageFiles): Finding[] {
  if (vm.role !== 'target' || lintDistro(file, vm).length > 0) return [];
  if (!image.exists && otherArch.exists) {
    const problem = `has no image: ${image.directory} is missing, ${otherArch.directory} is there`;
    const fix = `correct "arch", or run "pvmlab distro pull" for ${vm.distro} (${vm.arch})`;
    return [finding('image-architecture', 'warning', { file, path: '/arch', value: showValue(vm.arch), problem, fix })];
  }
  const choice = vm.pxeboot ? chooseInstallFiles(vm, image) : chooseDirectBootFiles(vm, image);
  if (choice.ok) return [];
  return choice.faults.map((fault) => finding('image-files', 'warning', { ...fault, file }));
}
