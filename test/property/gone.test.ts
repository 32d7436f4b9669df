/**
 * Goal: the intervals of collected numbers are a set, and merging them a semilattice.
 * Method: fast-check against a plain Set of (boot, seq), over few numbers: neighbours abound.
 */
import { assert, array, integer, property, tuple } from "fast-check";
import { describe, expect, it } from "vitest";

import { addGone, hasGone, mergeGone, type GoneIntervals } from "../../src/core/register/gone.ts";

const boots = 3;
const numbers = 40;
const members = array(tuple(integer({ min: 1, max: boots }), integer({ min: 0, max: numbers })), {
  maxLength: 60,
});
const runs = { numRuns: 10_000 };

function goneOf(pairs: readonly (readonly [number, number])[]): GoneIntervals {
  return pairs.reduce<GoneIntervals>((gone, [boot, seq]) => addGone(gone, boot, seq), {});
}

/** Every number that is in, asked one by one. */
function listed(gone: GoneIntervals): readonly string[] {
  const all: string[] = [];
  for (let boot = 0; boot <= boots + 1; boot += 1) {
    for (let seq = -1; seq <= numbers + 1; seq += 1) {
      if (hasGone(gone, boot, seq)) all.push(`${boot}/${seq}`);
    }
  }
  return all;
}

function listedPairs(pairs: readonly (readonly [number, number])[]): readonly string[] {
  const set = new Set(pairs.map(([boot, seq]) => `${boot}/${seq}`));
  return [...set].toSorted((a, b) => {
    const [bootA = 0, seqA = 0] = a.split("/").map(Number);
    const [bootB = 0, seqB = 0] = b.split("/").map(Number);
    return bootA - bootB || seqA - seqB;
  });
}

describe("collected numbers", () => {
  it("are those that were added", () => {
    assert(
      property(members, (pairs) => {
        expect(listed(goneOf(pairs))).toEqual(listedPairs(pairs));
      }),
      { numRuns: 2_000 },
    );
  });

  it("are the same data in whatever order they came, as few intervals as can be", () => {
    assert(
      property(members, (pairs) => {
        const gone = goneOf(pairs);
        expect(goneOf(pairs.toReversed())).toEqual(gone);
        for (const intervals of Object.values(gone)) {
          for (const [index, [from, to]] of intervals.entries()) {
            expect(from).toBeLessThanOrEqual(to);
            expect(from).toBeGreaterThan((intervals[index - 1]?.[1] ?? -2) + 1);
          }
        }
      }),
      runs,
    );
  });

  it("merge to the union: commutative, associative, idempotent", () => {
    assert(
      property(members, members, members, (x, y, z) => {
        const [a, b, c] = [goneOf(x), goneOf(y), goneOf(z)];
        expect(mergeGone(a, b)).toEqual(goneOf([...x, ...y]));
        expect(mergeGone(a, b)).toEqual(mergeGone(b, a));
        expect(mergeGone(mergeGone(a, b), c)).toEqual(mergeGone(a, mergeGone(b, c)));
        expect(mergeGone(a, a)).toEqual(a);
      }),
      runs,
    );
  });
});
