/** Chance that a seed decides: the same seed gives the same draws. */
export interface Chance {
  /** Uniform in [0, 1). */
  float(): number;
  /** A whole number from 0 up to, not including, `bound`. */
  below(bound: number): number;
  /** True in that share of the draws. */
  holds(share: number): boolean;
  pick<T>(list: readonly T[]): T;
  /** All of the list, in an order of chance. */
  shuffled<T>(list: readonly T[]): readonly T[];
}

/** Marsaglia's xorshift of 32 bits: small, and good enough to scatter events. */
export function createChance(seed: number): Chance {
  let state = Math.imul(seed + 1, 0x9e37_79b1) | 1;
  for (let round = 0; round < 8; round += 1) next();

  function next(): number {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state >>> 0;
  }

  function below(bound: number): number {
    return next() % bound;
  }

  function pick<T>(list: readonly T[]): T {
    const index = below(list.length);
    if (index >= list.length) throw new RangeError("nothing to pick from");
    return list[index] as T;
  }

  return {
    float: () => next() / 0x1_0000_0000,
    below,
    holds: (share) => next() / 0x1_0000_0000 < share,
    pick,
    shuffled(list) {
      const left = [...list];
      return list.map(() => left.splice(below(left.length), 1)[0] as (typeof list)[number]);
    },
  };
}
