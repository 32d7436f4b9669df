/**
 * Goal: ids are found by how they begin, whatever was added and removed before.
 * Method: fast-check against a plain list; ids of few digits, so that many begin alike.
 */
import { array, assert, boolean, integer, property, record, stringMatching } from "fast-check";
import { describe, expect, it } from "vitest";

import type { TaskId } from "../../../src/core/ids.ts";
import { createPrefixIndex } from "../../../src/engine/prefix-index.ts";

const anyId = stringMatching(/^[0-2]{5}$/).map((text) => text as TaskId);
const anyChange = record({ id: anyId, isAdded: boolean() });
const anyPrefix = stringMatching(/^[0-2]{0,5}$/);

describe("the index of prefixes", () => {
  it("finds what begins so and is there, up to the limit", () => {
    assert(
      property(
        array(anyChange, { maxLength: 80 }),
        array(anyPrefix, { maxLength: 10 }),
        integer({ min: 1, max: 4 }),
        (changes, prefixes, limit) => {
          const index = createPrefixIndex();
          const there = new Set<TaskId>();
          for (const { id, isAdded } of changes) {
            if (isAdded && !there.has(id)) index.add(id);
            if (!isAdded) index.remove(id);
            if (isAdded) there.add(id);
            else there.delete(id);
          }
          for (const prefix of prefixes) {
            const all = [...there].filter((id) => id.startsWith(prefix));
            const found = index.find(prefix, limit);
            expect(found).toHaveLength(Math.min(limit, all.length));
            expect(all).toEqual(expect.arrayContaining([...found]));
            expect(new Set(found).size).toBe(found.length);
          }
        },
      ),
      { numRuns: 500 },
    );
  });

  it("is empty after it was cleared", () => {
    const index = createPrefixIndex();
    index.add("0000" as TaskId);
    index.clear();
    expect(index.find("0", 1)).toEqual([]);
  });
});
