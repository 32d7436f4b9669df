/**
 * Goal: what was flushed is in the file, in order; a large file is made small without losing what
 * is needed; and a torn end hurts nothing that follows.
 * Method: journals in a temporary directory, read back as the next keeper would.
 */

import { appendFileSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterEach, beforeEach, describe, expect, it } from "vitest";

import type { TaskId } from "../../../src/core/ids.ts";
import type { JournalLine } from "../../../src/keeper/journal-lines.ts";
import { openJournal, readJournal } from "../../../src/keeper/journal.ts";

let directory: string;
let path: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "blanket-journal-"));
  path = join(directory, "journal");
});

afterEach(() => rmSync(directory, { recursive: true }));

const keeper: JournalLine = { kind: "keeper", pid: 9, startTicks: 90, kernelBootId: "boot-1" };

function voided(attempt: number, reason = "r"): JournalLine {
  return { kind: "void", id: "a-task" as TaskId, attempt, reason };
}

function attempts(): number[] {
  return [...readJournal(path).runs.values()].map(({ attempt }) => attempt);
}

describe("a journal file", () => {
  it("that is not there holds nothing", () => {
    expect(readJournal(path)).toMatchObject({ keeper: undefined, damaged: 0 });
  });

  it("holds what was flushed, and what it was begun with", () => {
    const journal = openJournal(path, () => [keeper, voided(1)]);
    journal.append(voided(2));
    expect(attempts()).toEqual([1]);
    journal.append(voided(3));
    expect(journal.flush()).toBeUndefined();
    expect(attempts()).toEqual([1, 2, 3]);
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  it("is begun anew without its torn end", () => {
    openJournal(path, () => [keeper, voided(1)]);
    appendFileSync(path, '{"kind":"void","id":"a-ta');
    const journal = openJournal(path, () => [keeper, voided(1)]);
    journal.append(voided(3));
    journal.flush();
    expect(attempts()).toEqual([1, 3]);
    expect(readJournal(path).damaged).toBe(0);
  });

  it("is written anew once it is large, and then only when it has doubled", () => {
    let rewritten = -1;
    const journal = openJournal(path, () => {
      rewritten += 1;
      return rewritten === 0 ? [keeper] : [keeper, voided(1, "x".repeat(600_000))];
    });
    for (let attempt = 1; attempt <= 2_400; attempt += 1) {
      journal.append(voided(attempt, "x".repeat(1_000)));
      journal.flush();
    }
    expect(rewritten).toBe(3);
    journal.append(voided(9_999));
    journal.flush();
    expect(attempts().at(-1)).toBe(9_999);
    expect(readFileSync(path, "utf8").length).toBeLessThan(1_300_000);
  });

  it("on a full disk says why, and holds all that is known once there is room", () => {
    symlinkSync("/dev/full", `${path}.new`);
    let known: JournalLine[] = [];
    const journal = openJournal(path, () => known);
    journal.append(voided(1));
    expect(journal.flush()).toMatch(/ENOSPC/);
    known = [keeper, voided(1), voided(2)];
    journal.append(voided(2));
    expect(journal.flush()).toBeUndefined();
    journal.append(voided(3));
    expect(journal.flush()).toBeUndefined();
    expect(attempts()).toEqual([1, 2, 3]);
  });
});
