/** The name of a definition's file without `.json`, whatever its case. @param file base name, as `web1.json` */
export function baseName(file: string): string {
  return file.replace(/\.json$/i, '');
}

/** The name of the file next to a definition that has another ending.
 * @param file base name, as `web1.json`   @param ending such as `.reinstall` */
export function siblingFile(file: string, ending: string): string {
  return `${baseName(file)}${ending}`;
}
