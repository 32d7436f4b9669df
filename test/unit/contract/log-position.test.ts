/**
 * Goal: an event's id leads a reader back to where it stood. Method: random positions are written
 * and read back; what is no id is refused.
 */
import fc from "fast-check";
import { expect, it } from "vitest";

import { formatLogPosition, parseLogPosition } from "../../../src/contract/log-position.ts";

it("every id is read back", () => {
  const bytes = fc.integer({ min: 0, max: 1e14 });
  const choices = fc.constantFrom("stdout" as const, "stderr" as const, "both" as const);
  expect(() => {
    fc.assert(
      fc.property(bytes, bytes, choices, (stdout, stderr, choice) => {
        const wanted = {
          stdout: choice === "stderr" ? 0 : stdout,
          stderr: choice === "stdout" ? 0 : stderr,
        };
        const read = parseLogPosition(formatLogPosition(wanted, choice), choice);
        return read?.stdout === wanted.stdout && read.stderr === wanted.stderr;
      }),
    );
  }).not.toThrow();
});

it.each([
  ["", "both"],
  ["1", "both"],
  ["1-2", "stdout"],
  ["-1", "stdout"],
  ["1.5", "stderr"],
  ["1-", "both"],
  ["1".repeat(16), "stdout"],
] as const)("%j is no id of %s", (text, choice) => {
  expect(parseLogPosition(text, choice)).toBeUndefined();
});
