import { randomBytes } from 'node:crypto';
import { open } from 'node:fs/promises';

import { run } from '../../host/run.ts';

const timeoutMs = 60_000;

/** An LVM physical volume. */
export async function createPhysicalVolume(device: string): Promise<string> {
  await run('pvcreate', ['--yes', '--quiet', device], { timeoutMs });
  return device;
}

/** The superblock of an md array, which mdadm makes only where the kernel has md: Linux, include/uapi/linux/raid/md_p.h,
 * struct mdp_superblock_1. Version 1.0 lies 8 KiB before the end, 1.2 lies 4 KiB after the start. */
export async function writeRaid(device: string, where: 'start' | 'end'): Promise<string> {
  const { stdout } = await run('blockdev', ['--getsz', device], { timeoutMs });
  const sectors = Number(stdout);
  const at = where === 'start' ? 8 : (sectors - 16) & ~7;
  const block = Buffer.alloc(256 + 2);
  block.writeUInt32LE(0xa92b4efc, 0);
  block.writeUInt32LE(1, 4);
  randomBytes(16).copy(block, 16);
  block.write('old:array', 32);
  block.writeInt32LE(1, 72);
  block.writeBigUInt64LE(BigInt(sectors - 4096), 80);
  block.writeUInt32LE(1, 92);
  block.writeBigUInt64LE(BigInt(where === 'start' ? 2048 : 0), 128);
  block.writeBigUInt64LE(BigInt(sectors - 4096), 136);
  block.writeBigUInt64LE(BigInt(at), 144);
  block.writeUInt32LE(1, 220);
  block.writeUInt32LE(raidChecksum(block), 216);
  const file = await open(device, 'r+');
  await file.write(block, 0, block.length, at * 512);
  await file.close();
  return device;
}

/** The sum of all 32-bit words, the carry added once; the last two bytes are a half word. */
function raidChecksum(block: Buffer): number {
  let sum = BigInt(block.readUInt16LE(256));
  for (let offset = 0; offset < 256; offset += 4) sum += BigInt(block.readUInt32LE(offset));
  return Number((sum & 0xffffffffn) + (sum >> 32n)) >>> 0;
}

/** The four labels of a ZFS vdev, two at each end, each with uberblocks as many transactions leave them (OpenZFS, include/sys/vdev_impl.h
 * and uberblock_impl.h). They need not be whole for blkid(8), which counts uberblocks. */
export async function writeZfs(device: string): Promise<string> {
  const { stdout } = await run('blockdev', ['--getsize64', device], { timeoutMs });
  const [label, uberblocks, kib] = [256 * 1024, 128, 1024];
  const end = Number(stdout) - (Number(stdout) % label);
  const ring = Buffer.alloc(uberblocks * kib);
  for (let number = 0; number < uberblocks; number++) {
    ring.writeBigUInt64LE(0x00bab10cn, number * kib);
    ring.writeBigUInt64LE(5000n, number * kib + 8);
    ring.writeBigUInt64LE(BigInt(number), number * kib + 16);
  }
  const file = await open(device, 'r+');
  for (const start of [0, label, end - 2 * label, end - label]) {
    await file.write(ring, 0, ring.length, start + 128 * kib);
  }
  await file.close();
  return device;
}
