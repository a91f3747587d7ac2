import { execa } from 'execa';
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

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
  bud/*) printf '[1/2] STEP 1/2: FROM base AS toolchain\\n[2/2] STEP 1/2: FROM base\\n' ;;
esac
[ "$1" = push ] || exit 0
for last; do :; done
file=\${last#docker-archive:}
file=\${file%%:*}
printf 'half ' > "$file"
case \${FAKE:-} in
  hang) echo hanging; exec sleep 60 ;;
  fail-push) exit 4 ;;
esac
printf 'whole' >> "$file"
`;

/** A tree with the real build scripts and a builder that builds nothing. */
export interface BuildTree {
  root: string;
  write(file: string, content: string): void;
  /** The text of a file; undefined when it does not exist. */
  read(file: string): string | undefined;
  build(fake?: 'fail' | 'fail-push'): Promise<{ status: number | undefined; output: string }>;
  /** "make -C … all" from another directory. */
  makeAll(env?: Record<string, string>): Promise<{ status: number | undefined; output: string }>;
  /** Presses Ctrl-C once the output holds a text. */
  buildAndInterrupt(when: string): Promise<{ status: number | undefined }>;
  /** What the builder was asked since the last time. */
  calls(): string[];
  dispose(): void;
}

/** @param programs where the scripts find all other programs, in the place of this machine's PATH */
export function createBuildTree(programs = process.env['PATH'] ?? ''): BuildTree {
  const root = mkdtempSync(join(tmpdir(), 'build-'));
  const env = {
    PATH: `${root}/bin:${programs}`,
    BUILDER: 'buildah',
    BASE: 'mmdebstrap',
    EXTRA_CA: '',
    NODE_EXTRA_CA_CERTS: '',
  };
  const make = ['config/build/make-image.sh', ['amd64']] as const;

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
  write('build/base-amd64.tar', 'base');
  write('build/base-arm64.tar', 'base');
  cpSync(join(scripts, '../../Makefile'), join(root, 'Makefile'));
  write('registry/qemu-aarch64', 'enabled');
  write('lab/setup.sh', '#!/bin/sh\necho "setup FOREIGN=$FOREIGN" >> calls\n');
  write('bin/apt-get', '');
  write('bin/docker', '#!/bin/sh\nexit "${DOCKER_STATUS:-1}"\n');
  write('bin/buildah', buildah);
  write('bin/pgrep', '#!/bin/sh\nexit 1\n');
  write('bin/uname', '#!/bin/sh\necho x86_64\n');
  const executables = ['bin/buildah', 'bin/pgrep', 'bin/uname', 'bin/apt-get', 'bin/docker', 'lab/setup.sh'];
  for (const executable of executables) chmodSync(join(root, executable), 0o755);

  return {
    root,
    write,
    read,
    async build(fake) {
      const options = { cwd: root, env: { ...env, FAKE: fake ?? '' }, all: true, reject: false } as const;
      const { exitCode, all } = await execa(...make, options);
      return { status: exitCode, output: all };
    },
    async makeAll(more = {}) {
      const { exitCode, all } = await execa('make', ['-C', root, 'all'], {
        cwd: tmpdir(),
        env: { ...env, BINFMT_MISC: join(root, 'registry'), ...more },
        all: true,
        reject: false,
      });
      return { status: exitCode, output: all };
    },
    async buildAndInterrupt(when) {
      // A process group of its own: Ctrl-C reaches every process of it.
      const options = { cwd: root, env: { ...env, FAKE: 'hang' }, reject: false, detached: true } as const;
      const child = execa(...make, options);
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
