import { vmDefinitionSchema } from '../../contract/vm-definition.ts';
import type { OsRelease } from '../../kit/os-release.ts';

const pattern = new RegExp(vmDefinitionSchema.properties.distro.pattern);

/** The name of an image directory by what its system says of itself: `ubuntu-24.04`; `arch` for one without versions. */
export function defaultImageName({ id, versionId }: Pick<OsRelease, 'id' | 'versionId'>): string {
  return versionId === '' ? id : `${id}-${versionId}`;
}

/** Whether a definition can name it as its `distro`, which may be empty there: that says nothing of an image. */
export function isImageName(name: string): boolean {
  return name !== '' && pattern.test(name);
}
