const units: Record<string, number> = { MiB: 2 ** 20, GiB: 2 ** 30, TiB: 2 ** 40 };

/** Reads a size such as `20GiB`; undefined when it is none. @returns bytes */
export function parseSize(text: string): number | undefined {
  const [, number = '', unit = ''] = /^([1-9]\d{0,6})(MiB|GiB|TiB)$/.exec(text) ?? [];
  const factor = units[unit];
  return factor === undefined ? undefined : Number(number) * factor;
}
