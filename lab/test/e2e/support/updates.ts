import { provisionerIp } from '../../../src/decide/settings.ts';
import type { InstalledVm } from './installed-vm.ts';

/** Packages for updates are files of the image directory, which the server sends like any other; no VM reaches an archive.
 * @param names without ".deb"
 * @returns where they are now in the VM */
export async function fetchPackages(vm: InstalledVm, distro: string, arch: string, names: string[]): Promise<string[]> {
  const paths = names.map((name) => `/tmp/${name}.deb`);
  for (const [index, path] of paths.entries()) {
    const url = `http://${provisionerIp}/images/${distro}/${arch}/${names[index] ?? ''}.deb`;
    await vm.shell(`curl --silent --show-error --fail --output ${path} ${url}`);
  }
  return paths;
}

/** The release of the kernel in a package that a VM has. */
export async function kernelOfPackage(vm: InstalledVm, path: string): Promise<string> {
  return (await vm.shell(`dpkg-deb -f ${path} Package`)).replace('linux-image-', '');
}

/** A command that may take several minutes, in a VM that is emulated: it goes on when the connection breaks off.
 * @throws Error it has failed: the end of what it said */
export async function runLong(vm: InstalledVm, command: string): Promise<void> {
  await vm.shell(
    `sudo -n systemd-run --quiet --unit=long-command --setenv=DEBIAN_FRONTEND=noninteractive --property=RemainAfterExit=yes sh -c '${command}'`,
  );
  const state = 'systemctl show --property=SubState --value long-command';
  while ((await vm.shell(state)) === 'running')
    await vm.shell(`timeout 60 sh -c 'while [ "$(${state})" = running ]; do sleep 2; done' || true`);
  const result = await vm.shell('systemctl show --property=Result --value long-command');
  if (result !== 'success') {
    throw new Error(
      `"${command}" ended with ${result}: ${await vm.shell('sudo -n journalctl -b -u long-command -o cat | tail -n 30')}`,
    );
  }
  await vm.shell('sudo -n systemctl stop long-command');
}
