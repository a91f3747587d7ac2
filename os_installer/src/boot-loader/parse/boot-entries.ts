/** The numbers of the firmware's boot entries with a label.
 * @param list what efibootmgr(8) prints: `Boot0007* debian\tHD(1,GPT,…)/\EFI\debian\shimx64.efi`; before version 18 without the tab */
export function entriesLabelled(list: string, label: string): string[] {
  return list.split('\n').flatMap((line) => {
    const [, number, rest = ''] = /^Boot([\dA-F]{4})[* ] (.*)$/.exec(line) ?? [];
    const found = rest.split('\t', 1)[0] ?? '';
    return number !== undefined && found === label ? [number] : [];
  });
}
