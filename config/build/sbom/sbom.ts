import { Enums, Models, Serialize, SPDX, Spec } from '@cyclonedx/cyclonedx-library';
import { PackageURL } from 'packageurl-js';

import type { DebianPackage } from './debian-packages.ts';

/** A Debian package, or a download in the place of one, and where in the image it went. */
export interface ShippedDebianPackage extends DebianPackage {
  place: string;
  licences: readonly string[];
  /** Where in the image its copyright file lies, if it has one. */
  copyright: string | undefined;
}

/** An npm package in one of the programs, or Node. */
export interface ShippedNpmPackage {
  name: string;
  version: string;
  licence: string | undefined;
  /** Where in the image the text of its licence lies. */
  copyright: string;
}

export interface BillInput {
  version: string;
  /** Debian's name of the container's architecture. */
  architecture: string;
  debian: readonly ShippedDebianPackage[];
  npm: readonly ShippedNpmPackage[];
  node: ShippedNpmPackage;
}

/** Of all that is in the image: the project's own, those of GNU, and, in one word, the rest, which the components name. The Dockerfile has
 * the same as a label. @see SPDX specification, annex "SPDX license expressions" */
const imageLicences =
  'MIT AND GPL-2.0-only AND GPL-3.0-or-later AND LGPL-2.1-or-later AND LicenseRef-bill-of-materials';

/** The bill of materials of an image as CycloneDX 1.6 in JSON; the same input gives the same text. */
export function writeSbom(input: BillInput): string {
  const bom = new Models.Bom();
  bom.metadata.component = new Models.Component(Enums.ComponentType.Container, 'pxeboot_stack', {
    version: input.version,
    bomRef: 'pxeboot_stack',
    properties: new Models.PropertyRepository([new Models.Property('pxeboot:architecture', input.architecture)]),
    licenses: new Models.LicenseRepository([new Models.LicenseExpression(imageLicences)]),
  });
  for (const each of input.debian) bom.components.add(debianComponent(each));
  for (const each of input.npm) bom.components.add(npmComponent(each));
  bom.components.add(npmComponent(input.node, Enums.ComponentType.Platform));
  const normalizer = new Serialize.JSON.Normalize.Factory(Spec.Spec1dot6);
  return new Serialize.JsonSerializer(normalizer).serialize(bom, { sortLists: true, space: 1 });
}

function debianComponent(each: ShippedDebianPackage): Models.Component {
  const { name, version, architecture, place, copyright } = each;
  const copyrightProperty = copyright === undefined ? [] : [new Models.Property('pxeboot:copyright', copyright)];
  return new Models.Component(Enums.ComponentType.Library, name, {
    version,
    bomRef: `${place}/${name}/${architecture}`,
    purl: packageUrl(each).toString(),
    licenses: new Models.LicenseRepository(each.licences.map((licence) => new Models.NamedLicense(licence))),
    properties: new Models.PropertyRepository([new Models.Property('pxeboot:place', place), ...copyrightProperty]),
  });
}

/** @see https://github.com/package-url/purl-spec types "deb" and "generic" */
function packageUrl({ name, version, architecture, downloadedFrom }: ShippedDebianPackage): PackageURL {
  if (downloadedFrom === undefined) {
    return new PackageURL('deb', 'debian', name, version, { arch: architecture }, undefined);
  }
  const qualifiers = { arch: architecture, download_url: downloadedFrom };
  return new PackageURL('generic', undefined, name, version, qualifiers, undefined);
}

function npmComponent(each: ShippedNpmPackage, type = Enums.ComponentType.Library): Models.Component {
  const [namespace, name] = /^(@[^/]+)\/(.+)$/.exec(each.name)?.slice(1) ?? [undefined, each.name];
  return new Models.Component(type, each.name, {
    version: each.version,
    bomRef: `npm/${each.name}/${each.version}`,
    purl: new PackageURL('npm', namespace, name ?? each.name, each.version, undefined, undefined).toString(),
    licenses: new Models.LicenseRepository(each.licence === undefined ? [] : [licenceOf(each.licence)]),
    properties: new Models.PropertyRepository([new Models.Property('pxeboot:copyright', each.copyright)]),
  });
}

function licenceOf(text: string): Models.License {
  return SPDX.isSupportedSpdxId(text) ? new Models.SpdxLicense(text) : new Models.NamedLicense(text);
}
