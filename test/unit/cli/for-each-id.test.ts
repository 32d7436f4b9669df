/**
 * Goal: many ids are worked at together and told in order, and failures hold nothing up.
 * Method: actions that the test lets end one by one; stdout, stderr and exit code are put back
 * after each test.
 */
import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { forEachId } from "../../../src/cli/for-each-id.ts";
import { BlanketError } from "../../../src/core/errors.ts";

let told: string[] = [];

beforeEach(() => {
  told = [];
  for (const stream of [process.stdout, process.stderr]) {
    vi.spyOn(stream, "write").mockImplementation((text) => {
      told.push(String(text));
      return true;
    });
  }
});

afterEach(() => {
  vi.restoreAllMocks();
  process.exitCode = undefined;
});

test("answers are told in order, whichever comes first", async () => {
  const slow = Promise.withResolvers<string>();
  const acts: Record<string, () => Promise<string>> = {
    a: () => slow.promise,
    b: async () => {
      slow.resolve("a\n");
      return "b\n";
    },
  };
  await forEachId(["a", "b"], (id) => acts[id]?.() ?? Promise.resolve(""));
  expect(told).toEqual(["a\n", "b\n"]);
  expect(process.exitCode).toBeUndefined();
});

test("a failure that comes early waits for its turn, and the first one gives the exit code", async () => {
  const slow = Promise.withResolvers<string>();
  const acts: Record<string, () => Promise<string>> = {
    a: () => slow.promise,
    b: () => Promise.reject(new BlanketError("TASK_UNKNOWN", "no b.")),
    c: async () => {
      setImmediate(() => slow.resolve("a\n"));
      throw new BlanketError("TRANSITION_ILLEGAL", "not c.");
    },
    d: async () => "d\n",
  };
  await forEachId(["a", "b", "c", "d"], (id) => acts[id]?.() ?? Promise.resolve(""));
  expect(told).toEqual(["a\n", "blanket: no b.\n", "blanket: not c.\n", "d\n"]);
  expect(process.exitCode).toBe(4);
});

test("only so many are worked at at once", async () => {
  let running = 0;
  let most = 0;
  const ids = Array.from({ length: 30 }, (_, index) => String(index));
  await forEachId(ids, async (id) => {
    running += 1;
    most = Math.max(most, running);
    await new Promise(setImmediate);
    running -= 1;
    return `${id}\n`;
  });
  expect(told).toHaveLength(30);
  expect(most).toBe(8);
});
