import type { Random } from "../../src/ports/random.ts";

/**
 * Chance that is the same for the same seed.
 * @see Steele, Lea, Flood, "Fast splittable pseudorandom number generators" (2014), with the
 * 32-bit finalizer of MurmurHash3.
 */
export function createSeededRandom(seed: number): Random {
  let state = seed >>> 0;

  function next(): number {
    state = (state + 0x9e37_79b9) >>> 0;
    let mixed = state;
    mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85eb_ca6b);
    mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2_ae35);
    return (mixed ^ (mixed >>> 16)) >>> 0;
  }

  return {
    float: () => next() / 2 ** 32,
    bytes: (length) => Uint8Array.from({ length }, () => next() >>> 24),
  };
}
