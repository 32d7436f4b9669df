/**
 * Goal: a journal gives back what was written, however its last line was torn.
 * Method: journals made of lines, cut at every place; and lines that no keeper writes.
 */

import fc from "fast-check";
import { describe, expect, it } from "vitest";

import type { TaskId } from "../../../src/core/ids.ts";
import {
  encodeJournalLine,
  type JournalLine,
  parseJournal,
} from "../../../src/keeper/journal-lines.ts";

const name = { id: "a-task" as TaskId, attempt: 1 };
const keeper: JournalLine = { kind: "keeper", pid: 9, startTicks: 90, kernelBootId: "boot-1" };
const start: JournalLine = {
  kind: "start",
  ...name,
  nonce: "nonce",
  timeoutMs: 60_000,
  killGraceMs: 10_000,
  at: 1_000,
};
const pid: JournalLine = { kind: "pid", ...name, pid: 12, startTicks: 120, session: 9, at: 1_001 };
const exit: JournalLine = {
  kind: "exit",
  ...name,
  pid: 12,
  startedAt: 1_001,
  end: { cause: "exited", at: 1_002, exitCode: 3 },
};
const voided: JournalLine = { kind: "void", ...name, reason: "it was asked for" };
const ack: JournalLine = { kind: "ack", ...name };

function written(...lines: readonly JournalLine[]): string {
  return lines.map(encodeJournalLine).join("");
}

describe("a journal", () => {
  it("gives back each fact of an attempt, and the kernel it was started under", () => {
    const past = parseJournal(written(keeper, start, pid, exit));
    expect(past).toMatchObject({ keeper, acknowledged: [], damaged: 0 });
    expect([...past.runs.values()]).toEqual([
      { ...name, kernelBootId: "boot-1", start, process: pid, exit },
    ]);
  });

  it("keeps the kernel of a start when a keeper under another one writes on", () => {
    const later: JournalLine = { ...keeper, kernelBootId: "boot-2" };
    const other = { ...start, attempt: 2 };
    const { runs, keeper: last } = parseJournal(written(keeper, start, later, pid, other));
    expect([...runs.values()].map((run) => run.kernelBootId)).toEqual(["boot-1", "boot-2"]);
    expect(last).toEqual(later);
  });

  it("remembers of an acknowledged attempt that it was one", () => {
    const past = parseJournal(written(keeper, start, pid, exit, ack));
    expect(past.runs.size).toBe(0);
    expect(past.acknowledged).toEqual([name]);
  });

  it("says that an attempt never starts, though its start was written down before", () => {
    const [run] = parseJournal(written(keeper, start, voided)).runs.values();
    expect(run).toMatchObject({ start, voided });
  });

  it("cut anywhere gives what its whole lines say", () => {
    const lines = [keeper, start, pid, exit];
    const text = written(...lines);
    for (let end = 0; end <= text.length; end += 1) {
      const cut = text.slice(0, end);
      const whole = cut.split("\n").length - 1;
      const expected = parseJournal(written(...lines.slice(0, whole)));
      expect(parseJournal(cut)).toEqual(expected);
    }
  });

  it("leaves out and counts what it can't read, and loses nothing else", () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 40 }), (noise) => {
        const line = noise.replaceAll("\n", "");
        const past = parseJournal(`${written(keeper, start)}${line}\n${written(exit)}`);
        expect(past.runs.get("a-task/1")).toMatchObject({ start, exit });
        expect(past.damaged).toBe(1);
      }),
    );
  });

  it.each([
    { ...start, attempt: -1 },
    { ...pid, startTicks: "120" },
    { ...exit, end: { cause: "bored", at: 1 } },
    { ...exit, end: undefined },
    { ...ack, id: 7 },
    { kind: "other", ...name },
    [],
    null,
  ])("does not take %j for a fact", (line) => {
    expect(parseJournal(`${JSON.stringify(line)}\n`)).toMatchObject({ damaged: 1 });
  });
});
