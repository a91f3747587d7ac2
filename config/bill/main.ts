import { Command } from 'commander';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import type { ShippedDebianPackage } from './bill.ts';
import { writeBill } from './bill.ts';
import { licencesOf, parseDebianPackages } from './debian.ts';
import { bundledPackages } from './npm.ts';

/** Where the copyright files of packages go whose files were taken but which are not installed. */
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
  const bill = writeBill({
    version: project.version,
    architecture: arch,
    debian: [...installed(container), ...taken.flatMap((each) => takenFrom(each, output))],
    npm: bundledPackages(
      metafile.map((file) => readFileSync(file, 'utf8')),
      readFileSync('package-lock.json', 'utf8'),
    ),
    nodeVersion: process.versions.node,
  });
  const directory = join(output, 'usr/share/pxeboot');
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, 'bill-of-materials.cdx.json'), `${bill}\n`);
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
    const copyright = text === undefined ? undefined : `${takenCopyrights}/${each.name}`;
    if (text !== undefined) {
      mkdirSync(join(output, takenCopyrights), { recursive: true });
      writeFileSync(join(output, takenCopyrights, each.name), text);
    }
    return { ...each, place, copyright, licences: licencesOf(text ?? '') };
  });
}

function readIfThere(file: string): string | undefined {
  return existsSync(file) ? readFileSync(file, 'utf8') : undefined;
}

new Command('bill')
  .description('Writes what an image is made of: a CycloneDX file, and the copyright files that the image lacks')
  .requiredOption('--arch <arch>', "Debian's name of the container's architecture")
  .requiredOption('--container <directory>', "the container's /var/lib/dpkg/status and /usr/share/doc (as doc)")
  .requiredOption('--taken <place=root...>', 'unpacked packages, named in root.packages, whose files were taken')
  .requiredOption('--metafile <file...>', 'what esbuild says of a bundle')
  .requiredOption('--output <directory>', 'root of the files written')
  .action(write)
  .parse();
