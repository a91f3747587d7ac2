/** Which disk to install to: all that is given must be true of it. */
export interface DiskHints {
  /** Device node, or a link under /dev/disk/. */
  path?: string;
  serial?: string;
  /** World wide name, with or without `0x`, `naa.` or `eui.` before it. */
  wwn?: string;
  /** Such as `20GiB`. */
  min_size?: string;
}
