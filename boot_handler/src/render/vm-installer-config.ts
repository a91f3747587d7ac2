import { architectures } from '@pxeboot/config/contract/architecture';
import type { InstallerConfig } from '@pxeboot/config/contract/installer-config';
import type { VmDefinition } from '@pxeboot/config/contract/vm-definition';
import type { ImageFiles } from '@pxeboot/config/definitions/image-choice';
import { chooseInstallFiles } from '@pxeboot/config/definitions/image-choice';
import type { Result } from '@pxeboot/config/kit/fault';

/** What the installer is told, or what is missing for it. */
export function installerConfigFor(
  vm: VmDefinition,
  image: ImageFiles,
  host: string,
  given: { stay: boolean; reinstallToken: string; statusToken?: string },
): Result<InstallerConfig> {
  const files = chooseInstallFiles(vm, image);
  if (!files.ok) return files;
  const server = `http://${host}`;
  const base = `${server}/${image.directory}`;
  const value: InstallerConfig = {
    cloud_init_url: `${server}/cloud-init/${vm.name}`,
    distro: files.value.distro,
    ...(image.inspected?.family === undefined ? {} : { family: image.inspected.family }),
    arch: vm.arch,
    rootfs_url: `${base}/${files.value.rootfs}`,
    kmods_url: `${base}/${files.value.modules}`,
    kernel_url: `${base}/${files.value.kernel}`,
    reboot_on_success: !given.stay,
    vm: vm.name,
    mac: vm.mac,
    status_url: `${server}/status/${vm.mac}`,
    ...(given.statusToken === undefined ? {} : { status_token: given.statusToken }),
    console: architectures[vm.arch].console,
    ...vm.install,
    reinstall_token: given.reinstallToken,
  };
  return { ok: true, value };
}
