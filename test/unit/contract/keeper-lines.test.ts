/**
 * Goal: what daemon and keeper say arrives as it was said; what a later version says is ignored,
 * and what is broken is told as that, never believed.
 * Method: each kind of line there and back, and each with every field missing or of another type.
 */

import { describe, expect, it } from "vitest";

import {
  type DaemonLine,
  encodeLine,
  type KeeperLine,
  parseDaemonLine,
  parseKeeperLine,
} from "../../../src/contract/keeper-lines.ts";
import type { TaskId } from "../../../src/core/ids.ts";

const name = { id: "a-task" as TaskId, attempt: 2 };
const end = { cause: "exited", at: 5, exitCode: 0 } as const;

const daemonLines: readonly DaemonLine[] = [
  { kind: "hello", protocol: 1, version: "0.1.0" },
  {
    kind: "start",
    ...name,
    argv: ["sh", "-c", "echo\n\u0001ü"],
    environment: { PATH: "/bin", EMPTY: "", constructor: "x" },
    directory: "/tmp/a b",
    timeoutMs: 0,
    killGraceMs: 10_000,
  },
  { kind: "stop", ...name, graceMs: 0 },
  { kind: "inquire", ...name },
  { kind: "acknowledge", ...name },
  { kind: "recovered", open: [name] },
  { kind: "recovered", open: [] },
];

const keeperLines: readonly KeeperLine[] = [
  { kind: "hello", protocol: 1, version: "0.1.0", pid: 7, spawner: "fork" },
  { kind: "hello", protocol: 1, version: "0.1.0", pid: 7, spawner: "posix_spawn" },
  { kind: "started", ...name, pid: 8, at: 4 },
  { kind: "ended", ...name, end },
  { kind: "ended", ...name, end: { cause: "stopped", at: 5, signal: "SIGTERM", reason: "r" } },
  { kind: "voided", ...name, reason: "r" },
  { kind: "facts", ...name, facts: { kind: "voided" } },
  { kind: "facts", ...name, facts: { kind: "running", pid: 8, startedAt: 4 } },
  { kind: "facts", ...name, facts: { kind: "vanished", pid: 8, startedAt: 4 } },
  { kind: "facts", ...name, facts: { kind: "ended", pid: 8, startedAt: 4, end } },
  { kind: "replaced" },
];

describe("a line of a daemon", () => {
  it.each(daemonLines)("arrives as it was said: $kind", (line) => {
    const text = encodeLine(line);
    expect(text.indexOf("\n")).toBe(text.length - 1);
    expect(parseDaemonLine(text)).toEqual(line);
  });

  it.each(brokenOf(daemonLines))("is not believed: %s", (text) => {
    expect(parseDaemonLine(text).kind).toBe("malformed");
  });

  it.each([
    ["argv", []],
    ["argv", ["sh", 1]],
    ["environment", { PATH: 1 }],
    ["environment", ["PATH"]],
    ["timeoutMs", -1],
    ["timeoutMs", 0.5],
  ])("with %s %j starts nothing", (field, value) => {
    expect(parseDaemonLine(JSON.stringify({ ...daemonLines[1], [field]: value })).kind).toBe(
      "malformed",
    );
  });
});

describe("a line of a keeper", () => {
  it.each(keeperLines)("arrives as it was said: %j", (line) => {
    expect(parseKeeperLine(encodeLine(line))).toEqual(line);
  });

  it.each(brokenOf(keeperLines))("is not believed: %s", (text) => {
    expect(parseKeeperLine(text).kind).toBe("malformed");
  });
});

describe("a line of a later version", () => {
  it("is of a kind that is not known, and its new fields are left out", () => {
    const text = JSON.stringify({ kind: "dance", ...name });
    expect(parseDaemonLine(text)).toEqual({ kind: "unknown", name: "dance" });
    expect(parseKeeperLine(text)).toEqual({ kind: "unknown", name: "dance" });
    expect(parseDaemonLine(JSON.stringify({ kind: "inquire", ...name, why: 1 }))).toEqual({
      kind: "inquire",
      ...name,
    });
  });

  it.each(["", "{", "[]", "null", "7", '"x"', "{}", '{"kind":7}'])("is no line: %s", (text) => {
    expect(parseDaemonLine(text).kind).toBe("malformed");
    expect(parseKeeperLine(text).kind).toBe("malformed");
  });
});

/** Each line with each field, `kind` aside, left out. */
function brokenOf(lines: readonly object[]): string[] {
  return lines.flatMap((line) =>
    Object.keys(line)
      .filter((field) => field !== "kind")
      .map((field) => JSON.stringify({ ...line, [field]: undefined })),
  );
}
