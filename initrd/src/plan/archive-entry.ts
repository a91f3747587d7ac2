/** One member of the archive; `path` has neither a leading nor a trailing slash. */
export type ArchiveEntry =
  | { kind: 'dir'; path: string; mode: number }
  | { kind: 'link'; path: string; target: string }
  | { kind: 'file'; path: string; mode: number; content: Uint8Array }
  | { kind: 'chardev'; path: string; mode: number; major: number; minor: number };
