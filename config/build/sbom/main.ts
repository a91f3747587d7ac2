import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { createProgram } from '../../host/program.ts';
import { licencesOf, parseDebianPackages } from './debian-packages.ts';
import type { NpmPackage } from './npm-packages.ts';
import { bundledPackages } from './npm-packages.ts';
import type { ShippedDebianPackage, ShippedNpmPackage } from './sbom.ts';
import { writeSbom } from './sbom.ts';

/** Where the copyright files of packages go whose files were taken but which are not installed; those of npm in "npm" there. */
const takenCopyrights = '/usr/share/pxeboot/copyright';

interface Options {
  arch: string;
  container: string;
  taken: string[];
  metafile: string[];
  output: string;
}

function write({ arch, container, taken, metafile, output }: Options): void {
  const project = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
  const sbom = writeSbom({
    version: project.version,
    architecture: arch,
    debian: [...installed(container), ...taken.flatMap((each) => takenFrom(each, output))],
    npm: bundledPackages(
      metafile.map((file) => readFileSync(file, 'utf8')),
      readFileSync('package-lock.json', 'utf8'),
    ).map((each) => withLicence(each, output)),
    node: withLicence(ownNode(), output),
  });
  const directory = join(output, 'usr/share/pxeboot');
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, 'bill-of-materials.cdx.json'), `${sbom}\n`);
}

/** Packages of the container: its own files hold their copyright. */
function installed(root: string): ShippedDebianPackage[] {
  return parseDebianPackages(readFileSync(join(root, 'status'), 'utf8')).map((each) => {
    const text = readIfThere(join(root, 'doc', each.name, 'copyright'));
    const copyright = text === undefined ? undefined : `/usr/share/doc/${each.name}/copyright`;
    return { ...each, place: 'container', copyright, licences: licencesOf(text ?? '') };
  });
}

/** Packages whose files were taken, as "PLACE=ROOT": unpacked under ROOT, listed in ROOT.packages. */
function takenFrom(words: string, output: string): ShippedDebianPackage[] {
  const [place = '', root = ''] = words.split('=');
  return parseDebianPackages(readFileSync(`${root}.packages`, 'utf8')).map((each) => {
    const text = readIfThere(join(root, 'usr/share/doc', each.name, 'copyright'));
    if (text === undefined) {
      throw new Error(
        `list the packages of ${place}: "${each.name}" has no copyright file, or a link to that of another package; ` +
          'add that package to initrd/packages.txt',
      );
    }
    const copyright = writeCopyright(each.name, text, output);
    return { ...each, place, copyright, licences: licencesOf(text) };
  });
}

/** The Node that runs this is the one in the image. */
function ownNode(): NpmPackage {
  return {
    name: 'node',
    version: process.versions.node,
    licence: 'MIT',
    directory: dirname(dirname(process.execPath)),
  };
}

function withLicence({ name, version, licence, directory }: NpmPackage, output: string): ShippedNpmPackage {
  const files = readdirSync(directory).filter((file) => /^(licen[cs]e|copying|notice)/i.test(file));
  if (files.length === 0) {
    throw new Error(`list the npm packages: "${directory}" has no licence file, which has to go with its code`);
  }
  const text = files.map((file) => readFileSync(join(directory, file), 'utf8')).join('\n');
  return { name, version, licence, copyright: writeCopyright(`npm/${name}@${version}`, text, output) };
}

/** @returns where the text then is in the image */
function writeCopyright(name: string, text: string, output: string): string {
  const path = join(takenCopyrights, name);
  mkdirSync(dirname(join(output, path)), { recursive: true });
  writeFileSync(join(output, path), text);
  return path;
}

function readIfThere(file: string): string | undefined {
  return existsSync(file) ? readFileSync(file, 'utf8') : undefined;
}

createProgram(
  'sbom',
  'Writes what an image is made of: a CycloneDX file, and the copyright files that the image lacks',
  {
    0: 'written',
    1: 'a file cannot be read or written, or a licence is missing',
    2: 'the command line is wrong',
  },
)
  .requiredOption('--arch <arch>', "Debian's name of the container's architecture")
  .requiredOption('--container <directory>', "the container's /var/lib/dpkg/status and /usr/share/doc (as doc)")
  .requiredOption('--taken <place=root...>', 'unpacked packages, named in root.packages, whose files were taken')
  .requiredOption('--metafile <file...>', 'what esbuild says of a bundle')
  .requiredOption('--output <directory>', 'root of the files written')
  .action(write)
  .parse();
