/** iPXE's text console is 80 columns wide. */
const columns = 78;
/** What of a long word fits on a line; what follows on the next one begins with no dash, where there is anything else. */
const part = new RegExp(`.{1,${columns}}(?!-)|.{1,${columns}}`, 'g');

/** Any text as lines that iPXE's `echo` prints as they are: plain ASCII, no `$`, `#`, `&`, `|`, `;`, quotes or
 * backslashes, no word that begins with a dash (echo would take it for an option), wrapped to the screen. */
export function ipxeLines(text: string): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of ipxeWords(text)) {
    if (line !== '' && line.length + 1 + word.length > columns) {
      lines.push(line);
      line = '';
    }
    line = line === '' ? word : `${line} ${word}`;
  }
  if (line !== '') lines.push(line);
  return lines;
}

function ipxeWords(text: string): string[] {
  return text
    .replaceAll('…', '...')
    .replaceAll(/["'`\\]/g, '')
    .replaceAll(';', ',')
    .replaceAll(/[^A-Za-z0-9._:/=,@+%?~()<>*![\]-]+/g, ' ')
    .split(' ')
    .flatMap((word) => word.match(part) ?? [])
    .map((word) => word.replace(/^-+/, ''))
    .filter((word) => word !== '');
}
