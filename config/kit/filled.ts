/** The values that are there: those that are undefined or empty are left out, the others keep their order. */
export function filled<Key extends string>(
  values: Readonly<Record<Key, string | undefined>>,
): { [Name in Key]?: string } {
  const kept: { [Name in Key]?: string } = {};
  for (const name in values) {
    const value = values[name];
    if (value !== undefined && value !== '') kept[name] = value;
  }
  return kept;
}
