// Puts the Node binary of both architectures into node_modules/node-linux-<arch>: npm installs only the machine's own.
// The version and the checksum are the lock file's. Run at the project's root.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const lock = JSON.parse(readFileSync('package-lock.json', 'utf8'));

for (const arch of ['x64', 'arm64']) {
  const name = `node-linux-${arch}`;
  const directory = join('node_modules', name);
  const locked = lock.packages[directory];
  if (locked === undefined) throw new Error(`fetch ${name}: package-lock.json does not name ${directory}`);
  if (existsSync(join(directory, 'bin/node'))) continue;
  fetchPackage(name, locked, directory);
  console.log(`fetched ${name} ${locked.version}`);
}

function fetchPackage(name, locked, directory) {
  const temporary = mkdtempSync(join(tmpdir(), 'fetch-node-'));
  try {
    const packed = execFileSync('npm', ['pack', '--silent', `--pack-destination=${temporary}`, `${name}@${locked.version}`], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const archive = join(temporary, packed.trim().split('\n').at(-1));
    const digest = `sha512-${createHash('sha512').update(readFileSync(archive)).digest('base64')}`;
    if (digest !== locked.integrity) {
      throw new Error(`fetch ${name} ${locked.version}: checksum "${digest}" is not the lock file's "${locked.integrity}"`);
    }
    mkdirSync(directory, { recursive: true });
    execFileSync('tar', ['-xzf', archive, '-C', directory, '--strip-components=1', '--no-same-owner']);
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
}
