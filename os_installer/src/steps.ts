import type { SeedFile } from './plan/facts.ts';
import type { Marker } from './plan/marker.ts';

export type Decompressor = 'gzip' | 'zstd';

/** Everything an installation does, as data. A step that erases something says what in `destroys`. */
export type Step =
  | { kind: 'partition'; disk: string; script: string; partitions: string[]; destroys: string }
  | { kind: 'format-esp'; device: string; volumeId: string; destroys: string }
  | { kind: 'format-root'; device: string; uuid: string; destroys: string }
  | { kind: 'mount-root'; device: string }
  | { kind: 'unpack'; url: string; decompressor: Decompressor; bytes: number; sha256?: string }
  | {
      kind: 'install-kernel';
      url: string;
      release: string;
      sha256?: string;
      /** Checked when the initrd's modules are copied. */
      modules?: { url: string; sha256: string };
    }
  | { kind: 'write-seed'; files: SeedFile[] }
  | { kind: 'write-system'; hostname: string; fstab: string; grubDefaults: string }
  | { kind: 'mount-boot'; esp: string }
  | { kind: 'initramfs'; disk: string; release: string; when: 'if-needed' | 'always' }
  | {
      kind: 'boot-loader';
      grubTarget: string;
      removableLoader: string;
      release: string;
      rootUuid: string;
      kernelArgs: string[];
    }
  | { kind: 'verify'; release: string; removableLoader: string }
  | { kind: 'write-marker'; marker: Omit<Marker, 'installed_at'> }
  | { kind: 'unmount' }
  | { kind: 'mark-installed'; disk: string; partition: number; esp: string };

export type StepKind = Step['kind'];
export type StepOf<Kind extends StepKind> = Extract<Step, { kind: Kind }>;
