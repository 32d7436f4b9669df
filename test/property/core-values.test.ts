/**
 * Goal: ids, canonical bytes, times, suggestions and sorted lists hold for any input.
 * Method: fast-check against the platform's own calendar, JSON and sort.
 */
import { createHash } from "node:crypto";

import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { canonicalBytes, type Canonical } from "../../src/core/canonical.ts";
import { isTaskId, isTaskIdPrefix, taskIdOf, type NodeId } from "../../src/core/ids.ts";
import { nearest } from "../../src/core/nearest.ts";
import { rfc3339 } from "../../src/core/rfc3339.ts";
import { createSortedList } from "../../src/core/sorted-list.ts";

const hash = (bytes: Uint8Array): Uint8Array => createHash("sha256").update(bytes).digest();
const text = (value: Canonical): string => new TextDecoder().decode(canonicalBytes(value));

const canonicalArbitrary = fc.letrec<{ value: Canonical }>((tie) => ({
  value: fc.oneof(
    fc.constant(null),
    fc.boolean(),
    fc.maxSafeInteger(),
    fc.string(),
    fc.array(tie("value"), { maxLength: 4 }),
    fc.dictionary(fc.string(), tie("value"), { maxKeys: 4, noNullPrototype: true }),
  ),
})).value;

describe("canonical bytes", () => {
  it("are equal exactly for equal values", () => {
    fc.assert(
      fc.property(canonicalArbitrary, canonicalArbitrary, (a, b) => {
        const isSame = JSON.stringify(sorted(a)) === JSON.stringify(sorted(b));
        expect(text(a) === text(b)).toBe(isSame);
      }),
    );
  });

  it("do not depend on the order of members, and leave out absent ones", () => {
    expect(text({ b: 1, a: 2 })).toBe(text({ a: 2, b: 1 }));
    expect(text({ a: 1, b: undefined })).toBe(text({ a: 1 }));
    expect(text([-0])).toBe(text([0]));
  });

  it("refuse numbers that have no exact form", () => {
    for (const value of [0.5, Number.NaN, Infinity, 2 ** 60]) {
      expect(() => canonicalBytes(value)).toThrow(RangeError);
    }
  });
});

/** JSON with members in order; fast-check's negative zero counts as zero. */
function sorted(value: Canonical): unknown {
  if (Array.isArray(value)) return value.map((each: Canonical) => sorted(each));
  if (value === null || typeof value !== "object") return Object.is(value, -0) ? 0 : value;
  const members = Object.entries(value)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, member]) => [name, sorted(member ?? null)]);
  return { members };
}

describe("task ids", () => {
  it("are version 8 UUIDs, and equal exactly for equal sources", () => {
    fc.assert(
      fc.property(fc.string(), fc.nat(), fc.nat(), fc.nat(), (origin, boot, a, b) => {
        const idOf = (seq: number) =>
          taskIdOf(hash, { kind: "origin", origin: origin as NodeId, boot, seq });
        expect(isTaskId(idOf(a))).toBe(true);
        expect(idOf(a) === idOf(b)).toBe(a === b);
      }),
    );
  });

  it("never agree between kinds of sources", () => {
    const key = taskIdOf(hash, { kind: "key", namespace: "", key: "k" });
    const retry = taskIdOf(hash, { kind: "retry", of: key, count: 1 });
    expect(new Set([key, retry]).size).toBe(2);
    expect(isTaskId(key.toUpperCase())).toBe(false);
  });

  it("are recognised by a beginning of hexadecimal digits", () => {
    expect(isTaskIdPrefix("9ab0")).toBe(true);
    expect(isTaskIdPrefix("")).toBe(false);
    expect(isTaskIdPrefix("xyz")).toBe(false);
    expect(isTaskIdPrefix("a".repeat(37))).toBe(false);
  });
});

describe("RFC 3339 times", () => {
  it("are those of the platform's calendar", () => {
    const milliseconds = fc.integer({ min: -2_208_988_800_000, max: 253_402_300_799_999 });
    fc.assert(
      fc.property(milliseconds, (time) => {
        expect(rfc3339(time)).toBe(new Date(time).toISOString());
      }),
    );
  });
});

describe("suggestions", () => {
  it("find a name with a slip of the finger, and nothing for something else", () => {
    const names = ["bash_task", "echo_task", "python_hello"];
    expect(nearest("bash_taks", names)).toBe("bash_task");
    expect(nearest("pyton_hello", names)).toBe("python_hello");
    expect(nearest("render", names)).toBeUndefined();
    expect(nearest("", names)).toBeUndefined();
  });
});

describe("sorted lists", () => {
  it("hold what was put in and not taken out, in order", () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.integer()), fc.uniqueArray(fc.integer()), (items, more) => {
        const list = createSortedList<number>((a, b) => a - b);
        for (const item of items) list.insert(item);
        list.insertAll(more.filter((item) => !items.includes(item)));
        const all = [...new Set([...items, ...more])].toSorted((a, b) => a - b);
        expect(list.items).toEqual(all);
        const half = all.filter((_, index) => index % 2 === 0);
        for (const item of half) expect(list.remove(item)).toBe(true);
        for (const item of half) expect(list.remove(item)).toBe(false);
        expect(list.items).toEqual(all.filter((_, index) => index % 2 === 1));
      }),
    );
  });
});
