/** The suites of run-tests.sh that every change must pass, in the order of the page; of one without test files, what it runs. */
const standard: Readonly<Record<string, string | undefined>> = {
  static: 'npm run typecheck, npm run lint',
  unit: undefined,
  integration: undefined,
  'image-all': 'config/build/make-all.sh',
  image: undefined,
  e2e: undefined,
};

/** A suite of run-tests.sh. */
export interface SuiteFiles {
  name: string;
  /** Without test files: what it runs. */
  step?: string;
  files: readonly string[];
}

/** Every suite of run-tests.sh in the order of the page.
 * @param parts the text of test-parts.txt
 * @param filesIn the test files of a folder under test/ */
export function listSuites(parts: string, filesIn: (folder: string) => readonly string[]): SuiteFiles[] {
  const suites = Object.entries(standard).map(([name, step]) =>
    step === undefined ? { name, files: filesIn(name) } : { name, step, files: [step] },
  );
  return [...suites, ...listParts(parts)];
}

/** The parts of test-parts.txt by name. */
function listParts(text: string): SuiteFiles[] {
  const files = new Map<string, string[]>();
  for (const [, part = '', file = ''] of text.matchAll(/^([^#\s]+) (\S+)$/gm)) {
    files.set(part, [...(files.get(part) ?? []), file]);
  }
  return [...files].map(([name, its]) => ({ name, files: its.sort() })).sort((a, b) => (a.name < b.name ? -1 : 1));
}
