import type { Suite } from './report.ts';

/** Every suite of run-tests.sh in the order of the page; of one without test files, what it runs. */
export const steps: Readonly<Record<string, string | undefined>> = {
  static: 'npm run typecheck, npm run lint',
  unit: undefined,
  integration: undefined,
  'image-build': 'config/build/make-image.sh',
  'image-all': 'config/build/make-all.sh',
  image: undefined,
  e2e: undefined,
  matrix: undefined,
};

/** The suites that the page shows: what image-build builds image-all builds too, so a run has one of the two. */
export function suitesOfPage(known: readonly Suite[]): Suite[] {
  const has = (name: string): boolean => known.some((suite) => suite.name === name && suite.rows.length > 0);
  return known.filter(({ name }) => name !== 'image-build' || has(name));
}
