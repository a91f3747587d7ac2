import type { ImageFiles } from '../../definitions/image-choice.ts';
import type { ScannedFile } from '../../definitions/resolve.ts';
import { resolve } from '../../definitions/resolve.ts';
import { describeFault } from '../../kit/fault.ts';
import type { Finding } from '../../lint/rules/finding.ts';
import type { LintInput } from '../../lint/rules/index.ts';
import { lintDefinitions } from '../../lint/rules/index.ts';
import { sampleKey } from './sample-vm.ts';

/** As its author writes it; no rule finds anything. */
export const good = {
  name: 'web1',
  role: 'target',
  arch: 'x86_64',
  mac: '52:54:00:00:00:01',
  ip: '10.0.0.20',
  subnet: '10.0.0.0/24',
  pxeboot: true,
  distro: 'debian-12',
  ssh_key: sampleKey,
};
const names = ['vmlinuz-6.1', 'initrd.img-6.1', 'rootfs.tar.gz', 'modules.cpio.gz'];
export const images = new Map<string, ImageFiles>([
  ['debian-12/x86_64', { directory: 'images/debian-12/x86_64', exists: true, names }],
  ['debian-12/aarch64', { directory: 'images/debian-12/aarch64', exists: false, names: [] }],
]);

/** Lines of what every rule finds in the one file `web1.json`, or that of another name. */
export function lintOne(fields: Record<string, unknown> & { name?: string }, more: Partial<LintInput> = {}): string[] {
  const vm = { ...good, ...fields };
  return lintText(`${vm.name}.json`, JSON.stringify(vm), more);
}

/** The same for a text that may be no definition. */
export function lintText(file: string, text: string, more: Partial<LintInput> = {}): string[] {
  const scanned: ScannedFile[] = [{ file, fingerprint: '', kind: 'read', text }];
  const state = resolve(undefined, scanned, new Date());
  return lintDefinitions({ names: [file], texts: new Map([[file, text]]), state, images, ...more }).map(line);
}

export function line(found: Finding): string {
  return `${found.level} ${found.rule} ${describeFault(found)}`;
}
