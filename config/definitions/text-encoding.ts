import { placeIn } from '../kit/text.ts';

/** Whether a JSON document is UTF-16, as PowerShell and older versions of Windows's Notepad write it: by its byte order mark, or by a
 * zero byte in its first character, which is ASCII (RFC 4627, 3). */
export function isUtf16(content: Uint8Array): boolean {
  const [first = 1, second = 1] = content;
  return (first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff) || (first === 0) !== (second === 0);
}

/** Why the content of a definition is not taken for text. */
export function whyNotUtf8(content: Uint8Array): string {
  if (isUtf16(content)) return 'is UTF-16, not UTF-8';
  const text = new TextDecoder('utf-8').decode(content);
  const offset = text.indexOf('\ufffd');
  return offset === -1 ? 'is not valid UTF-8' : `is not valid UTF-8: line ${placeIn(text, offset).line}`;
}
