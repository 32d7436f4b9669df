/**
 * Goal: an event's id leads a reader back to where it stood. Method: random positions are written
 * and read back; what is no id is refused.
 */
import { isDeepStrictEqual } from "node:util";

import fc from "fast-check";
import { expect, it } from "vitest";

import { formatLogPosition, parseLogPosition } from "../../../src/contract/log-position.ts";

it("every id is read back", () => {
  const bytes = fc.integer({ min: 0, max: 1e14 });
  const attempts = fc.integer({ min: 1, max: 1_000 });
  const choices = fc.constantFrom("stdout" as const, "stderr" as const, "both" as const);
  expect(() => {
    fc.assert(
      fc.property(bytes, bytes, attempts, choices, (stdout, stderr, attempt, choice) => {
        const wanted = {
          attempt,
          stdout: choice === "stderr" ? 0 : stdout,
          stderr: choice === "stdout" ? 0 : stderr,
        };
        const read = parseLogPosition(formatLogPosition(wanted, choice), choice);
        return isDeepStrictEqual(read, wanted);
      }),
    );
  }).not.toThrow();
});

it("of the first attempt is the offsets alone", () => {
  const position = { stdout: 12, stderr: 3 };
  expect(formatLogPosition({ ...position, attempt: 1 }, "both")).toBe("12-3");
  expect(formatLogPosition({ ...position, attempt: 2 }, "both")).toBe("12-3@2");
  expect(formatLogPosition({ ...position, attempt: 2 }, "stderr")).toBe("3@2");
  expect(parseLogPosition("12-3", "both")).toEqual({ ...position, attempt: 1 });
});

it.each([
  ["", "both"],
  ["1-2@", "both"],
  ["1-2@0", "both"],
  ["1@1.5", "stdout"],
  ["1", "both"],
  ["1-2", "stdout"],
  ["-1", "stdout"],
  ["1.5", "stderr"],
  ["1-", "both"],
  ["1".repeat(16), "stdout"],
] as const)("%j is no id of %s", (text, choice) => {
  expect(parseLogPosition(text, choice)).toBeUndefined();
});
