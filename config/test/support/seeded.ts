/** Repeatable chance: equal seeds give equal numbers (a linear congruential generator, Numerical Recipes' constants). */
export interface Chance {
  /** 0 to below `limit`. */
  below(limit: number): number;
  oneOf<T>(values: readonly T[]): T;
}

export function seededChance(seed: number): Chance {
  let state = seed >>> 0;

  function below(limit: number): number {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * limit);
  }

  return {
    below,
    oneOf<T>(values: readonly T[]): T {
      const value = values[below(values.length)];
      if (value === undefined) throw new Error('choose one of nothing');
      return value;
    },
  };
}
