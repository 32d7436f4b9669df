/**
 * Goal: the last line of `.ci/run` never says that all is well when something was not run.
 * Method: the real script on reports as vitest writes them, cut to what it reads.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterEach, beforeEach, expect, test } from "vitest";

import { checkout, runTool } from "../../support/fault-tree.ts";

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "blanket-reports-"));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const suites = {
  test: ["unit", "property", "contract", "e2e"],
  heavy: ["heavy", "property", ...(process.getuid?.() === 0 ? ["faults"] : [])],
};
const all = suites.test.length + suites.heavy.length;

interface TestFile {
  readonly name: string;
  readonly status: string;
  readonly message: string;
  readonly assertionResults: readonly { readonly status: string; readonly fullName: string }[];
}

function file(suite: string, ...statuses: readonly string[]): TestFile {
  return {
    name: join(checkout, "test", suite, "some.test.ts"),
    status: statuses.includes("failed") ? "failed" : "passed",
    message: "",
    assertionResults: statuses.map((status) => ({ status, fullName: `it is ${status}` })),
  };
}

/** Writes a report where each suite has one passed test, but for what `other` says. */
function report(step: keyof typeof suites, other: Readonly<Record<string, TestFile>> = {}): void {
  const testResults = suites[step].map((suite) => other[suite] ?? file(suite, "passed"));
  writeFileSync(join(directory, `${step}.json`), JSON.stringify({ testResults }));
}

async function sum(...failedSteps: readonly string[]) {
  const args = ["scripts/sum-reports.ts", directory, ...failedSteps];
  const { code, stdout } = await runTool(checkout, "node", args);
  const lines = stdout.trimEnd().split("\n");
  return { code, last: lines.at(-1), problems: lines.slice(0, -1) };
}

test("sums passed tests of both reports", async () => {
  report("test");
  report("heavy");
  expect(await sum()).toEqual({ code: 0, last: `${all} passed, 0 failed`, problems: [] });
});

test("counts a failed test and names it", async () => {
  report("test", { e2e: file("e2e", "passed", "failed", "skipped") });
  report("heavy");
  expect(await sum("test")).toEqual({
    code: 1,
    last: `${all} passed, 1 failed`,
    problems: ["FAILED test/e2e/some.test.ts: it is failed"],
  });
});

test("a suite that ran nothing fails", async () => {
  report("test", { property: file("property", "skipped") });
  report("heavy");
  expect(await sum()).toMatchObject({
    code: 1,
    last: `${all - 1} passed, 1 failed`,
    problems: ["FAILED test: the suite property ran no test"],
  });
});

test("a file that does not load fails", async () => {
  report("test", {
    unit: { ...file("unit"), status: "failed", message: "Cannot find a.ts\nat b" },
  });
  report("heavy");
  const { code, problems } = await sum("test");
  expect(code).toBe(1);
  expect(problems).toContain("FAILED test/unit/some.test.ts: Cannot find a.ts");
});

test("a step that ended before its tests fails", async () => {
  report("heavy");
  expect(await sum("test")).toMatchObject({
    code: 1,
    last: `${suites.heavy.length} passed, 1 failed`,
  });
});

test("a step that failed without a failed test fails", async () => {
  report("test");
  report("heavy");
  expect(await sum("heavy")).toMatchObject({ code: 1, last: `${all} passed, 1 failed` });
  expect(await sum("packages")).toMatchObject({ code: 1, last: `${all} passed, 1 failed` });
});
