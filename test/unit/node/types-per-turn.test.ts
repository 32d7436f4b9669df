/**
 * Goal: a type's file is looked at once in a turn of the loop, and anew in the next.
 * Method: types that count how often they are asked.
 */
import { setImmediate as nextTurn } from "node:timers/promises";

import { describe, expect, it } from "vitest";

import { typesPerTurn } from "../../../src/node/types-per-turn.ts";
import type { Types } from "../../../src/ports/types.ts";

describe("types per turn", () => {
  it("asks once a turn for each name, also for one that is not there", async () => {
    const asked: string[] = [];
    const types: Types = {
      lookup(name) {
        asked.push(name);
        return undefined;
      },
      all: () => [],
      names: () => ["plain"],
    };
    const perTurn = typesPerTurn(types);
    for (const name of ["a", "b", "a", "a"]) expect(perTurn.lookup(name)).toBeUndefined();
    expect(asked).toEqual(["a", "b"]);
    await nextTurn();
    perTurn.lookup("a");
    expect(asked).toEqual(["a", "b", "a"]);
    expect(perTurn.names()).toEqual(["plain"]);
  });
});
