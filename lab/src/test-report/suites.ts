/** Every suite of run-tests.sh in the order of the page; of one without test files, what it runs. */
export const steps: Readonly<Record<string, string | undefined>> = {
  static: 'npm run typecheck, npm run lint',
  unit: undefined,
  integration: undefined,
  'image-all': 'config/build/make-all.sh',
  image: undefined,
  e2e: undefined,
  matrix: undefined,
};
