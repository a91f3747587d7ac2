import { architectures, type Arch } from '@pxeboot/config/contract/architecture';
import { systemKernelArgs } from '@pxeboot/config/contract/kernel-args';
import type { VmDefinition } from '@pxeboot/config/contract/vm-definition';
import type { ImageFiles } from '@pxeboot/config/definitions/image-choice';
import { chooseDirectBootFiles, chooseInstallFiles } from '@pxeboot/config/definitions/image-choice';
import type { Fault } from '@pxeboot/config/kit/fault';
import { showValue } from '@pxeboot/config/kit/text';
import { markerName } from '@pxeboot/os-installer/plan/marker';

/** Context of install.ipxe.hbs and direct-boot.ipxe.hbs. */
export interface BootContext {
  vm: string;
  distro: string;
  arch: Arch;
  kernelUrl: string;
  kernelArgs: string[];
  initrdUrls: string[];
  whyUrl: string;
}

/** Context of local-disk.ipxe.hbs. */
export interface DiskContext {
  vm: string;
  /** Of the installer's marker on the ESP, which tells the installed disk from others, as UEFI writes paths. */
  markerPath: string;
}

/** What can be rendered. */
export type Boot = { kind: 'install' | 'direct'; context: BootContext } | { kind: 'disk'; context: DiskContext };
export type BootDecision = Boot | { kind: 'faulty'; faults: Fault[] };

/** Linux takes 2048 bytes with the closing zero on x86_64 and arm64 (COMMAND_LINE_SIZE). */
const kernelLineLimit = 2047;

/** What a VM boots: the installer, its own distribution's kernel, its installed disk, or nothing and why.
 * @param host from the request, as `192.168.105.1` @param installed it is not to be installed again */
export function decideBoot(vm: VmDefinition, image: ImageFiles, host: string, installed: boolean): BootDecision {
  if (vm.pxeboot && installed) return { kind: 'disk', context: { vm: vm.name, markerPath: `\\${markerName}` } };
  const decision = vm.pxeboot ? decideInstall(vm, image, host) : decideDirectBoot(vm, image, host);
  if (decision.kind !== 'install' && decision.kind !== 'direct') return decision;
  const length = [kernelName(decision.context), 'initrd=initrd.magic', ...decision.context.kernelArgs].join(' ').length;
  if (length <= kernelLineLimit) return decision;
  const problem = `the kernel line has ${length} characters and Linux takes ${kernelLineLimit}`;
  const value = showValue(vm.install.kernel_args);
  const fault = { file: '', path: '/install/kernel_args', value, problem, fix: 'shorten "install.kernel_args"' };
  return { kind: 'faulty', faults: [fault] };
}

/** Under UEFI iPXE puts the file's name before the arguments, and the kernel counts it (ipxe/src/image/efi_image.c). */
function kernelName({ kernelUrl }: BootContext): string {
  return kernelUrl.slice(kernelUrl.lastIndexOf('/') + 1);
}

function decideInstall(vm: VmDefinition, image: ImageFiles, host: string): BootDecision {
  const files = chooseInstallFiles(vm, image);
  if (!files.ok) return { kind: 'faulty', faults: files.faults };
  const base = `http://${host}/${image.directory}`;
  const context: BootContext = {
    ...commonContext(vm, files.value.distro, host),
    kernelUrl: `${base}/${files.value.kernel}`,
    kernelArgs: [
      `console=${architectures[vm.arch].console}`,
      'ip=dhcp',
      `config_url=http://${host}/config/${vm.mac}`,
      `installer_mac=${vm.mac}`,
      // Without it the unpacked initrd may fill at most half of the memory.
      'rootfstype=ramfs',
      ...vm.install.kernel_args,
    ],
    initrdUrls: [`http://${host}/initrds/${vm.arch}/initrd.gz`, `${base}/${files.value.modules}`],
  };
  return { kind: 'install', context };
}

function decideDirectBoot(vm: VmDefinition, image: ImageFiles, host: string): BootDecision {
  const files = chooseDirectBootFiles(vm, image);
  if (!files.ok) return { kind: 'faulty', faults: files.faults };
  const base = `http://${host}/${image.directory}`;
  const context: BootContext = {
    ...commonContext(vm, files.value.distro, host),
    kernelUrl: `${base}/${files.value.kernel}`,
    kernelArgs: [
      'root=LABEL=cloudimg-rootfs',
      'ro',
      `console=${architectures[vm.arch].console}`,
      ...systemKernelArgs(vm.install),
    ],
    initrdUrls: [`${base}/${files.value.initrd}`],
  };
  return { kind: 'direct', context };
}

type CommonContext = Pick<BootContext, 'vm' | 'distro' | 'arch' | 'whyUrl'>;

function commonContext(vm: VmDefinition, distro: string, host: string): CommonContext {
  return { vm: vm.name, distro, arch: vm.arch, whyUrl: `http://${host}/ipxe/why?mac=${vm.mac}` };
}
