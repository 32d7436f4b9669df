/**
 * Goal: writes of one turn of the loop share a batch wherever in the turn they come from, batches
 * go one after the other, and neither grows past its bounds.
 * Method: a commit that notes what it is given and ends when the test says so.
 */
import { describe, expect, it } from "vitest";

import type { DatabaseOperation } from "../../../../src/adapters/store-level/database.ts";
import { createGroupCommit } from "../../../../src/adapters/store-level/group-commit.ts";
import { limits } from "../../../../src/core/limits.ts";

const put = (key: string, bytes = 1): DatabaseOperation => ({
  type: "put",
  key,
  value: new Uint8Array(bytes),
});
const nextTurn = () => new Promise<void>((resolve) => setImmediate(resolve));

/** A group commit whose batches end one by one, by `end`. */
function createHeldCommit() {
  const batches: (readonly string[])[] = [];
  const running: PromiseWithResolvers<void>[] = [];
  const group = createGroupCommit(async (operations) => {
    batches.push(operations.map(({ key }) => key));
    const batch = Promise.withResolvers<void>();
    running.push(batch);
    await batch.promise;
  });
  return { group, batches, end: () => running.shift()?.resolve() };
}

describe("a group commit", () => {
  it("gathers what all callbacks of a turn ask for", async () => {
    const { group, batches, end } = createHeldCommit();
    const writes: Promise<void>[] = [group.write([put("at once")])];
    queueMicrotask(() => writes.push(group.write([put("microtask")])));
    process.nextTick(() => writes.push(group.write([put("tick")])));
    await nextTurn();
    expect(batches.map((batch) => batch.toSorted())).toStrictEqual([
      ["at once", "microtask", "tick"],
    ]);
    end();
    await Promise.all(writes);
  });

  it("starts a batch only when the one before is on disk, with all that came meanwhile", async () => {
    const { group, batches, end } = createHeldCommit();
    const first = group.write([put("a")]);
    await nextTurn();
    const second = group.write([put("b")]);
    await nextTurn();
    const third = group.write([put("c"), put("d")]);
    await nextTurn();
    expect(batches).toStrictEqual([["a"]]);
    expect(group.pending()).toBe(3);
    end();
    await first;
    await nextTurn();
    expect(batches).toStrictEqual([["a"], ["b", "c", "d"]]);
    end();
    await Promise.all([second, third]);
    expect(group.pending()).toBe(0);
  });

  it("ends a batch before its bytes pass the limit, and never splits a call", async () => {
    const { group, batches, end } = createHeldCommit();
    const large = limits.batchBytesMax;
    const writes = [
      group.write([put("small")]),
      group.write([put("large", large), put("its sibling")]),
      group.write([put("another")]),
    ];
    while (group.pending() > 0) {
      await nextTurn();
      end();
    }
    await Promise.all(writes);
    expect(batches).toStrictEqual([["small"], ["large", "its sibling"], ["another"]]);
  });

  it("is settled when nothing waits any more, also after a failure", async () => {
    const group = createGroupCommit(() => Promise.reject(new Error("disk")));
    const failed = expect(group.write([put("a")])).rejects.toThrow("disk");
    await group.settled();
    await failed;
    expect(group.pending()).toBe(0);
    await group.settled();
  });
});
