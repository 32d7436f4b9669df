/**
 * Goal: the table of error codes, its documentation, the HTTP status and the exit code of each say
 * the same. Method: reads the table of docs/errors.md and holds it against the code, both ways.
 */
import { readdirSync, readFileSync } from "node:fs";

import { describe, expect, test } from "vitest";

import { exitCode } from "../../../src/cli/exit-codes.ts";
import { httpStatus } from "../../../src/contract/http-status.ts";
import {
  assert,
  BlanketError,
  errorKinds,
  type ErrorCode,
  type ErrorKind,
} from "../../../src/core/errors.ts";

/** Kinds that only the command line meets: no node answers with them. */
const localKinds: readonly ErrorKind[] = ["usage", "failed", "unreachable"];

const page = readFileSync(new URL("../../../docs/errors.md", import.meta.url), "utf8");
const rows = page
  .split("\n")
  .filter((line) => line.startsWith("| `"))
  .map((line) => line.split(/ ?\| ?/).slice(1, -1));
const codes = Object.keys(errorKinds) as ErrorCode[];

describe("docs/errors.md", () => {
  test("has one row for each code, in the order of the kinds' table", () => {
    expect(rows.map(([code]) => code)).toEqual(codes.map((code) => `\`${code}\``));
  });

  test.each(codes)("says of %s what the code does", (code) => {
    const kind = errorKinds[code];
    const [, ...cells] = rows.find(([name]) => name === `\`${code}\``) ?? [];
    const status = localKinds.includes(kind) ? "-" : `${httpStatus(code)}`;
    expect(cells.slice(0, 3)).toEqual([kind, status, `${exitCode(code)}`]);
  });

  test("says what each one means and what to do, in sentences", () => {
    for (const [, , , , meaning, advice] of rows) {
      expect(meaning).toMatch(/^[A-Z].*\.$/);
      expect(advice).toMatch(/^[A-Z].*\.$/);
    }
  });
});

test("every code is thrown or answered somewhere", () => {
  const source = new URL("../../../src/", import.meta.url).pathname;
  const texts = readdirSync(source, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts") && file !== "core/errors.ts")
    .map((file) => readFileSync(source + file, "utf8"))
    .join("\n");
  expect(codes.filter((code) => !texts.includes(`"${code}"`))).toEqual([]);
});

describe("status and exit code", () => {
  test("a caller's mistake is never a server's failure", () => {
    const blame = ["malformed", "unacceptable", "unknown", "conflict", "forbidden", "too-large"];
    const statuses = codes.filter((code) => blame.includes(errorKinds[code])).map(httpStatus);
    expect(statuses.filter((status) => status < 400 || status > 499)).toEqual([]);
  });

  test("every failure exits with one of the codes of CONTRACT, never 0", () => {
    expect(codes.filter((code) => ![1, 2, 3, 4, 5].includes(exitCode(code)))).toEqual([]);
  });
});

describe("BlanketError", () => {
  test("carries code, details and cause beside its sentence", () => {
    const cause = new Error("ENOENT");
    const error = new BlanketError("FILE_UNKNOWN", "There is no a.txt.", { path: "a.txt" }, cause);
    expect(error).toMatchObject({ code: "FILE_UNKNOWN", details: { path: "a.txt" }, cause });
    expect(error.message).toBe("There is no a.txt.");
  });

  test("has no cause where none was given", () => {
    expect(new BlanketError("INTERNAL", "A fault.")).not.toHaveProperty("cause");
  });

  test("comes from an invariant that does not hold", () => {
    expect(() => assert(false, "a claim without an owner")).toThrow(
      expect.objectContaining({ code: "INTERNAL" }),
    );
    expect(() => assert(true, "all is well")).not.toThrow();
  });
});
