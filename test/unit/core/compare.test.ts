/**
 * Goal: plain data is equal where it says the same, and otherwise in one order for everybody.
 * Method: pairs by hand, and one list in order of which every two members are compared.
 */
import { describe, expect, it } from "vitest";

import { compareData, sameData } from "../../../src/core/compare.ts";

describe("equal data", () => {
  it("says the same, in whatever order, with absent members left out or undefined", () => {
    expect(sameData({ a: 1, b: [2, { c: "3" }] }, { b: [2, { c: "3" }], a: 1 })).toBe(true);
    expect(sameData({ a: 1, b: undefined }, { a: 1 })).toBe(true);
    expect(sameData(NaN, NaN)).toBe(true);
    expect(sameData(0, -0)).toBe(true);
  });

  it("is not data that differs in one place", () => {
    const pairs: readonly (readonly [unknown, unknown])[] = [
      [{ a: 1 }, { a: 2 }],
      [{ a: 1 }, { b: 1 }],
      [{ a: 1 }, { a: 1, b: null }],
      [[1], [1, 1]],
      [[], {}],
      ["1", 1],
      [null, undefined],
      [false, 0],
    ];
    for (const [a, b] of pairs) expect(sameData(a, b), JSON.stringify([a, b])).toBe(false);
  });
});

describe("the order of data", () => {
  it("is the same for everybody", () => {
    const inOrder = [
      undefined,
      null,
      false,
      true,
      NaN,
      -Infinity,
      -1,
      0,
      2,
      10,
      "",
      "10",
      "2",
      "a",
      [],
      [1],
      [1, 0],
      [2],
      {},
      { a: 1 },
      { a: 1, b: 0 },
      { a: 2 },
      { b: 0 },
    ];
    for (const [left, a] of inOrder.entries()) {
      for (const [right, b] of inOrder.entries()) {
        expect(Math.sign(compareData(a, b)), `${left} and ${right}`).toBe(Math.sign(left - right));
      }
    }
  });
});
