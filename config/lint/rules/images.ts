import type { VmDefinition } from '../../contract/vm-definition.ts';
import type { ImageFiles } from '../../definitions/image-choice.ts';
import { chooseDirectBootFiles, chooseInstallFiles } from '../../definitions/image-choice.ts';
import type { Fault } from '../../kit/fault.ts';
import { showValue } from '../../kit/text.ts';
import type { Finding } from './finding.ts';
import { finding } from './finding.ts';

/** What a VM boots from must lie in its image directory, and its content must be one that can be installed.
 * @param image what lies there   @param otherArch what lies beside it for the other architecture */
export function lintImage(file: string, vm: VmDefinition, image: ImageFiles, otherArch: ImageFiles): Finding[] {
  if (vm.role !== 'target' || vm.distro === undefined) return [];
  if (!image.exists && otherArch.exists) {
    const problem = `has no image: ${image.directory} is missing, ${otherArch.directory} is there`;
    const fix = `correct "arch", or run "pvmlab distro pull" for ${vm.distro} (${vm.arch})`;
    return [finding('image-architecture', 'warning', { file, path: '/arch', value: showValue(vm.arch), problem, fix })];
  }
  const choice = vm.pxeboot ? chooseInstallFiles(vm, image) : chooseDirectBootFiles(vm, image);
  return [
    ...(choice.ok ? [] : choice.faults.map((fault) => imageFinding(file, fault, image))),
    ...remarks(file, vm, image),
  ];
}

/** Rule `image-content` has what the server has found inside a file that is there. */
function imageFinding(file: string, fault: Fault, { inspected }: ImageFiles): Finding {
  const ofContent = inspected?.faults.some(({ problem }) => problem === fault.problem) === true;
  return finding(ofContent ? 'image-content' : 'image-files', 'warning', { ...fault, file });
}

/** A direct boot takes neither root file system nor cloud-init from the image. */
function remarks(file: string, vm: VmDefinition, { inspected }: ImageFiles): Finding[] {
  if (!vm.pxeboot || inspected === undefined) return [];
  return inspected.warnings.map(({ level, problem, fix }) =>
    finding('image-content', level, { file, path: '/distro', value: showValue(vm.distro), problem, fix }),
  );
}
