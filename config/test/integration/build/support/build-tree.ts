import { execFileSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import { execa } from 'execa';

const scripts = join(import.meta.dirname, '../../../../build');

/** Writes the tarball in two halves; FAKE says where it stops. A build takes a working container, and leaves it when killed. */
const buildah = `#!/bin/sh
case $1/\${FAKE:-} in
  inspect/*) exit 0 ;;
  containers/*) echo 0a; ! grep -qs bud calls || echo 0b; exit 0 ;;
esac
echo "$*" | sed 's/^\\(bud\\|push\\) .*/\\1/' >> calls
case $1/\${FAKE:-} in
  bud/fail) echo 'E: Unable to locate package nothing' >&2; exit 3 ;;
  bud/*)
    echo "$*" > options
    echo sha256:just-built > "$(sed 's/.* --iidfile \\([^ ]*\\) .*/\\1/' options)"
    printf '[1/2] STEP 1/2: FROM base AS toolchain\\n[2/2] STEP 1/2: FROM base\\n' ;;
esac
[ "$1" = push ] || exit 0
[ "$3" = sha256:just-built ] || exit 6
for last; do :; done
file=\${last#docker-archive:}
file=\${file%%:*}
case $(cat options) in *' --target initrd-output '*) file_kind=initrds ;; *) file_kind=image ;; esac
case $file_kind-$file/\${FAKE:-} in
  initrds-*) image=image-initrds ;;
  */other-architecture) image=image-riscv64 ;;
  *arm64*) image=image-arm64 ;;
  *) image=image-amd64 ;;
esac
head -c 2000 $image > "$file"
case \${FAKE:-} in
  hang) echo hanging; exec sleep 60 ;;
  pause) echo pausing; until [ -e go ]; do sleep 0.1; done ;;
  fail-push) exit 4 ;;
  large) head -c 8000000 /dev/zero >> "$file" || exit 5 ;;
esac
tail -c +2001 $image >> "$file"
`;

/** What a builder writes for an architecture, as far as the scripts look. */
function writeImage(root: string, arch: string): void {
  const directory = mkdtempSync(join(tmpdir(), 'image-'));
  writeFileSync(
    join(directory, 'manifest.json'),
    '[{"Config":"0c.json","RepoTags":["pxeboot_stack:latest"],"Layers":[]}]',
  );
  writeFileSync(join(directory, '0c.json'), `{"architecture":"${arch}","os":"linux"}`);
  execFileSync('tar', ['-cf', join(root, `image-${arch}`), '-C', directory, 'manifest.json', '0c.json']);
  rmSync(directory, { recursive: true });
}

/** What a builder writes of an image with nothing in it but the initrds. */
function writeInitrds(root: string): void {
  const directory = mkdtempSync(join(tmpdir(), 'initrds-'));
  for (const arch of ['x86_64', 'aarch64']) {
    mkdirSync(join(directory, arch));
    writeFileSync(join(directory, arch, 'initrd.gz'), `initrd of ${arch}`);
  }
  const inDirectory = ['-C', directory];
  execFileSync('tar', ['-czf', join(directory, 'layer'), ...inDirectory, 'x86_64', 'aarch64']);
  writeFileSync(join(directory, 'manifest.json'), '[{"Config":"0c.json","RepoTags":["a:b"],"Layers":["layer"]}]');
  writeFileSync(join(directory, '0c.json'), '{"architecture":"amd64","os":"linux"}');
  execFileSync('tar', ['-cf', join(root, 'image-initrds'), ...inDirectory, 'manifest.json', '0c.json', 'layer']);
  rmSync(directory, { recursive: true });
}

/** A tree with the real build scripts and a builder that builds nothing. Its path has a space in it. */
export interface BuildTree {
  root: string;
  write(file: string, content: string): void;
  /** The text of a file; undefined when it does not exist. */
  read(file: string): string | undefined;
  /** The tarball of an architecture, if one is there: "whole", or what else it is. */
  tarball(arch?: Arch): string;
  /** @param tell is told the output as it comes */
  build(fake?: Fake, env?: Environment, tell?: (text: string) => void): Promise<BuildResult>;
  /** "make -C … all", or another target, from another directory. */
  make(target: string, env?: Environment): Promise<BuildResult>;
  /** The same with more words, such as `IMAGE_NAME=x`. */
  makeWith(words: readonly string[], env?: Environment): Promise<BuildResult>;
  /** Presses Ctrl-C once the log of the amd64 build holds a text. */
  interrupt(what: 'make-image.sh' | 'make all', when: string): Promise<{ status: number | undefined }>;
  /** What the builder was asked since the last time. */
  calls(): string[];
  dispose(): void;
}

type Arch = 'amd64' | 'arm64';
type Environment = Readonly<Record<string, string>>;
type Fake = 'fail' | 'fail-push' | 'pause' | 'large' | 'other-architecture' | '';

export interface BuildResult {
  status: number | undefined;
  output: string;
}

/** @param programs where the scripts find all other programs, in the place of this machine's PATH
 * @param parent the directory to make the tree in */
export function createBuildTree(programs = process.env['PATH'] ?? '', parent = tmpdir()): BuildTree {
  const root = mkdtempSync(join(parent, 'build tree-'));
  const env = {
    PATH: `${root}/bin:${programs}`,
    BUILDER: 'buildah',
    BASE: 'mmdebstrap',
    EXTRA_CA: '',
    NODE_EXTRA_CA_CERTS: '',
    DOCKER_HOST: '',
    BINFMT_MISC: join(root, 'registry'),
  };
  const image = ['config/build/make-image.sh', ['amd64']] as const;
  const all = ['make', ['all']] as const;

  function write(file: string, content: string): void {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    writeFileSync(join(root, file), content);
  }
  function read(file: string): string | undefined {
    return existsSync(join(root, file)) ? readFileSync(join(root, file), 'utf8') : undefined;
  }

  cpSync(scripts, join(root, 'config/build'), { recursive: true });
  write('Dockerfile', 'FROM base AS toolchain\nCOPY input.ts input.ts\nFROM base\nCOPY --from=toolchain /out/ /\n');
  write('.dockerignore', '');
  write('input.ts', '1');
  write('package.json', '{\n  "name": "tree",\n  "version": "1.2.3"\n}\n');
  for (const arch of ['amd64', 'arm64']) {
    write(`build/base-${arch}.tar`, 'base');
    cpSync(join(scripts, 'make-base.sh'), join(root, `build/base-${arch}.tar.recipe`));
    write(`build/base-${arch}.tar.buildah`, '');
  }
  for (const arch of ['amd64', 'arm64', 'riscv64']) writeImage(root, arch);
  writeInitrds(root);
  cpSync(join(scripts, '../../Makefile'), join(root, 'Makefile'));
  write('initrd/Makefile', readFileSync(join(scripts, '../../initrd/Makefile'), 'utf8'));
  write('registry/qemu-aarch64', 'enabled');
  const executables = {
    'lab/setup.sh': 'echo "setup FOR=$FOR FOREIGN=$FOREIGN" >> calls',
    'bin/apt-get': 'exit 0',
    'bin/docker': 'exit "${DOCKER_STATUS:-1}"',
    'bin/buildah': buildah,
    'bin/pgrep': 'exit 1',
    'bin/uname': 'if [ "$1" = -s ]; then echo Linux; else echo x86_64; fi',
  };
  for (const [file, text] of Object.entries(executables)) {
    write(file, text.startsWith('#!') ? text : `#!/bin/sh\n${text}\n`);
    chmodSync(join(root, file), 0o755);
  }

  async function run(
    file: string,
    args: readonly string[],
    cwd: string,
    more: Environment,
    tell?: (text: string) => void,
  ): Promise<BuildResult> {
    const child = execa(file, args, { cwd, env: { ...env, ...more }, all: true, reject: false });
    child.all.on('data', (chunk: Buffer) => tell?.(chunk.toString()));
    const { exitCode, all: output } = await child;
    return { status: exitCode, output };
  }

  return {
    root,
    write,
    read,
    tarball(arch = 'amd64') {
      const text = read(`pxeboot_stack_${arch}.tar`);
      return text !== undefined && text === read(`image-${arch}`) ? 'whole' : (text ?? 'none');
    },
    build: (fake = '', more = {}, tell) => run(...image, root, { FAKE: fake, ...more }, tell),
    make: (target, more = {}) => run('make', ['-C', root, target], tmpdir(), more),
    makeWith: (words, more = {}) => run('make', ['-C', root, ...words], tmpdir(), more),
    async interrupt(what, when) {
      // A process group of its own: Ctrl-C reaches every process of it.
      const options = { cwd: root, env: { ...env, FAKE: 'hang' }, reject: false, detached: true } as const;
      const child = what === 'make all' ? execa(...all, options) : execa(...image, options);
      while (!(read('build/pxeboot_stack_amd64.tar.log') ?? '').includes(when)) await new Promise(setImmediate);
      process.kill(-(child.pid ?? 0), 'SIGINT');
      return { status: (await child).exitCode };
    },
    calls() {
      const calls = (read('calls') ?? '').split('\n').filter((call) => call !== '');
      rmSync(join(root, 'calls'), { force: true });
      return calls;
    },
    dispose: () => rmSync(root, { recursive: true, force: true }),
  };
}
