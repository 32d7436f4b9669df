/**
 * Goal: collected numbers are kept exactly, and in little room.
 * Method: small sets by hand; test/property/gone.test.ts compares with a plain Set.
 */
import { describe, expect, it } from "vitest";

import {
  addGone,
  hasGone,
  mergeGone,
  type GoneIntervals,
} from "../../../../src/core/register/gone.ts";

function setOf(...numbers: readonly number[]): GoneIntervals {
  return numbers.reduce<GoneIntervals>((gone, seq) => addGone(gone, 1, seq), {});
}

describe("collected numbers", () => {
  it("are exact: an older open task is not barred by a newer collected one (F35)", () => {
    const gone = setOf(1, 2, 5);
    expect([0, 1, 2, 3, 4, 5, 6].filter((seq) => hasGone(gone, 1, seq))).toEqual([1, 2, 5]);
  });

  it("of one boot say nothing about another", () => {
    const gone = addGone(setOf(3), 2, 4);
    expect([hasGone(gone, 1, 4), hasGone(gone, 2, 3), hasGone(gone, 3, 3)]).toEqual([
      false,
      false,
      false,
    ]);
    expect(gone).toEqual({ 1: [[3, 3]], 2: [[4, 4]] });
  });

  it("join with their neighbours, on either side and between two", () => {
    expect(setOf(4, 5)).toEqual({ 1: [[4, 5]] });
    expect(setOf(5, 4)).toEqual({ 1: [[4, 5]] });
    expect(setOf(1, 3, 2)).toEqual({ 1: [[1, 3]] });
    expect(setOf(9, 1, 5)).toEqual({
      1: [
        [1, 1],
        [5, 5],
        [9, 9],
      ],
    });
  });

  it("that are added again are the same set", () => {
    const gone = setOf(1, 2, 3);
    expect(addGone(gone, 1, 2)).toBe(gone);
  });

  it("of a boot that is collected whole are one interval, in whatever order they went", () => {
    const numbers = Array.from({ length: 1_000 }, (_, index) => (index * 377) % 1_000);
    expect(setOf(...numbers)).toEqual({ 1: [[0, 999]] });
  });

  it("merge, neighbours joined", () => {
    const merged = mergeGone(setOf(1, 2, 9), addGone(setOf(3, 8), 2, 1));
    expect(merged).toEqual({
      1: [
        [1, 3],
        [8, 9],
      ],
      2: [[1, 1]],
    });
  });
});
