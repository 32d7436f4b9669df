/**
 * Goal: joining records is a semilattice, whatever they hold, and silent in a healthy cluster.
 * Method: fast-check over records of small domains, so that equal and conflicting facts abound.
 */
import { assert, property } from "fast-check";
import { describe, expect, it } from "vitest";

import { compareData } from "../../src/core/compare.ts";
import { joinRecords } from "../../src/core/task/join.ts";
import type { TaskRecord } from "../../src/core/task/record.ts";
import { anyRecord, anyShares, anyValue } from "../support/arbitraries.ts";

const runs = { numRuns: 10_000 };

function join(a: TaskRecord, b: TaskRecord): TaskRecord {
  return joinRecords(a, b).record;
}

describe("joining records", () => {
  it("is commutative, in what is kept and in what raises an alarm", () => {
    assert(
      property(anyRecord, anyRecord, (a, b) => {
        const one = joinRecords(a, b);
        const other = joinRecords(b, a);
        expect(one.record).toEqual(other.record);
        expect(one.alarms.toSorted(compareData)).toEqual(other.alarms.toSorted(compareData));
      }),
      runs,
    );
  });

  it("is associative", () => {
    assert(
      property(anyRecord, anyRecord, anyRecord, (a, b, c) => {
        expect(join(join(a, b), c)).toEqual(join(a, join(b, c)));
      }),
      runs,
    );
  });

  it("is idempotent: nothing new is the same object, without an alarm", () => {
    assert(
      property(anyRecord, anyRecord, (a, b) => {
        expect(joinRecords(a, structuredClone(a))).toEqual({ record: a, alarms: [] });
        expect(join(a, structuredClone(a))).toBe(a);
        const both = join(a, b);
        expect(join(both, b)).toBe(both);
        expect(join(both, a)).toBe(both);
      }),
      runs,
    );
  });

  it("raises no alarm over parts of one truth", () => {
    assert(
      property(anyShares, ([a, b, c]) => {
        expect(joinRecords(a, b).alarms).toEqual([]);
        expect(joinRecords(join(a, b), c).alarms).toEqual([]);
      }),
      runs,
    );
  });
});

describe("the order that chooses between conflicting facts", () => {
  it("is total: antisymmetric, transitive, and zero only between equals", () => {
    assert(
      property(anyValue, anyValue, anyValue, (a, b, c) => {
        expect(Math.sign(compareData(a, b))).toBe(-Math.sign(compareData(b, a)) + 0);
        const [least, middle, most] = [a, b, c].toSorted(compareData);
        expect(compareData(least, middle)).toBeLessThanOrEqual(0);
        expect(compareData(middle, most)).toBeLessThanOrEqual(0);
        expect(compareData(least, most)).toBeLessThanOrEqual(0);
        expect(compareData(a, structuredClone(a))).toBe(0);
        expect(compareData(a, b) === 0).toBe(JSON.stringify(a) === JSON.stringify(b));
      }),
      runs,
    );
  });
});
