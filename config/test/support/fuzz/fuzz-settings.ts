/** What a fuzz test is run with. */
export interface FuzzSettings {
  /** Equal seeds give equal inputs. */
  seed: number;
  /** How many inputs are made. */
  count: number;
}

/** The settings of this run, printed so that a failure can be repeated. FUZZ_SEED gives the seed, which is another one at each run
 * otherwise; FUZZ_COUNT the number of inputs, a hundred thousand otherwise.
 * @param what such as `definitions`
 * @throws Error a variable is no whole number */
export function fuzzSettings(what: string): FuzzSettings {
  const seed = wholeNumber('FUZZ_SEED') ?? Math.floor(Math.random() * 2 ** 31);
  const count = wholeNumber('FUZZ_COUNT') ?? 100_000;
  console.log(`fuzz ${what}: FUZZ_SEED=${seed} FUZZ_COUNT=${count}`);
  return { seed, count };
}

function wholeNumber(variable: string): number | undefined {
  const text = process.env[variable];
  if (text === undefined || text === '') return undefined;
  if (!/^\d{1,10}$/.test(text)) throw new Error(`read ${variable}: "${text}" is no whole number; write digits only`);
  return Number(text);
}
