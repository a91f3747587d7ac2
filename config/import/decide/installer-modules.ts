/** What is never needed to install, wherever it is. */
const leftOut = ['/wireless/', '/kvm/'];

/** Reads the list of folders and files that an installer may need: one a line, below `kernel/`. */
export function parseModuleFolders(text: string): string[] {
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return lines.map((line) => `kernel/${line}`);
}

/** The modules in these folders, and those that they need in turn; sorted.
 * @param dep the text of modules.dep, which names all that a module needs, indirectly too */
export function chooseModules(dep: string, folders: readonly string[]): string[] {
  const chosen = new Set<string>();
  for (const line of dep.split('\n')) {
    const [, module = '', needed = ''] = /^([^:]+):\s*(.*)$/.exec(line) ?? [];
    if (module === '' || leftOut.some((part) => module.includes(part))) continue;
    if (!folders.some((folder) => module.startsWith(folder))) continue;
    for (const path of [module, ...needed.split(' ')]) if (path !== '') chosen.add(path);
  }
  return [...chosen].sort();
}
