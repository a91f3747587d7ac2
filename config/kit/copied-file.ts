/** A file that a program has made next to another one. */
export interface CopiedFile {
  /** The name of the other one. */
  of: string;
  /** What this one is, as words that follow its name. */
  what: string;
}

const inConflict = 'a copy of a version in conflict, made by a program that synchronises files, of';
const duplicate = 'a copy, made by a file manager or browser, of';
const backup = 'an older version, kept by an editor, of';

/** How programs name such files; the group is the name of the other one, without ".json" where that follows. */
const conventions: [RegExp, string][] = [
  // Syncthing; Dropbox and Nextcloud; ownCloud.
  [/^(.+)\.sync-conflict-\d{8}-\d{6}(?:-\w+)?\.json$/i, inConflict],
  [/^(.+?) \((?:[^()]* )?conflicted copy\b[^()]*\)\.json$/i, inConflict],
  [/^(.+?)_conflict-\d{8}-\d{6}\.json$/i, inConflict],
  // Windows and macOS; GNOME, KDE and browsers.
  [/^(.+?)(?: - copy(?: \(\d+\))?| copy(?: \d+)?| \d+)\.json$/i, duplicate],
  [/^(.+?) \((?:(?:another |\d+(?:st|nd|rd|th) )?copy|\d+)\)\.json$/i, duplicate],
  [/^copy of (.+)\.json$/i, duplicate],
  // Emacs, patch, nano, GNU's --backup and many more.
  [/^(.+\.json)(?:~|\.~\d+~|\.(?:bak|backup|orig|old|save|rej)(?:\.?\d+)?)$/i, backup],
  [/^#(.+\.json)#$/i, 'an unsaved version, kept by Emacs, of'],
  [/^\.#(.+\.json)$/i, "Emacs's mark that somebody edits"],
  [/^\.(.+\.json)\.sw[a-p]$/i, "Vim's mark that somebody edits"],
  [/^\._(.+\.json)$/i, "macOS's attributes, on a file system that has no place for them, of"],
];

/** Whether a name is one that programs give to what they make next to a definition. It says nothing of what is in the file. */
export function describeCopy(name: string): CopiedFile | undefined {
  for (const [pattern, what] of conventions) {
    const other = pattern.exec(name)?.[1];
    if (other !== undefined) return { of: /\.json$/i.test(other) ? other : `${other}.json`, what };
  }
  return undefined;
}

/** The words for one, as they follow the name of the file. */
export function wordCopy({ of, what }: CopiedFile): string {
  return `is ${what} ${of}`;
}
