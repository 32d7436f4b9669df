/**
 * Goal: `blanket ps` looks as CONTRACT section 8 shows it, in a terminal and in a pipe.
 * Method: made-up tasks at a fixed time; whole outputs are compared.
 */
import { describe, expect, test } from "vitest";

import { renderPsTable } from "../../../../src/cli/ps/ps-table.ts";
import type { ShownNode } from "../../../../src/core/membership/shown-node.ts";
import { shownTask } from "../../../support/shown.ts";

const now = Date.parse("2026-11-24T10:10:00.000Z");

function before(seconds: number): string {
  return new Date(now - seconds * 1_000).toISOString();
}

const tasks = [
  shownTask({
    id: "9ab03c11-0000-8000-8000-000000000000",
    type: "render",
    createdAt: before(190),
    reason: "no live node has tag gpu",
  }),
  shownTask({
    id: "c27d9e40-0000-8000-8000-000000000000",
    type: "backup",
    state: "HELD",
    node: "badger",
    createdAt: before(540),
    startedAt: before(130),
    reason: "badger is away since 4 m; a second start is not safe",
  }),
  shownTask({
    id: "71d0aa20-0000-8000-8000-000000000000",
    type: "python_hello",
    state: "SUCCESS",
    node: "otter",
    createdAt: before(100),
    startedAt: before(90),
    finishedAt: before(89.77),
    exitCode: 0,
  }),
  shownTask({
    id: "5f3e0b9d-0000-8000-8000-000000000000",
    type: "backup",
    state: "ERROR",
    node: "otter",
    createdAt: before(540),
    startedAt: before(539),
    finishedAt: before(536.9),
    exitCode: 3,
    attempt: 2,
  }),
  shownTask({
    id: "0e4f61d2-0000-8000-8000-000000000000",
    state: "RUNNING",
    node: "rabbit",
    createdAt: before(12),
    startedAt: before(11),
    progress: 62.5,
    progressNote: "linking\u001B[31m",
  }),
];

function node(name: string, total: number, free: number): ShownNode {
  return {
    id: name,
    name,
    state: "alive",
    syncing: false,
    cordoned: false,
    lag: 0,
    rttMs: null,
    tags: [],
    slots: { total, free },
    addresses: [],
    version: "0.1.0",
    boot: 1,
    lastSeenAt: before(0),
    load: [],
    disk: { freeBytes: 1, totalBytes: 1 },
  };
}

const nodes = [node("rabbit", 2, 1), node("otter", 2, 2)];
const recent = { filter: { limit: 500 }, all: false } as const;
const pipe = { columns: undefined, colour: false, now } as const;

describe("blanket ps", () => {
  test("shows a row for each task and sums up", () => {
    expect(renderPsTable(tasks, nodes, recent, pipe)).toBe(
      [
        "ID        TYPE          STATE    NODE    AGE   RAN",
        "9ab03c11  render        WAITING  -       3m    -     no live node has tag gpu",
        "c27d9e40  backup        HELD     badger  9m    2m    badger is away since 4 m; a second start is not safe",
        "71d0aa20  python_hello  SUCCESS  otter   100s  0.2s",
        "5f3e0b9d  backup        ERROR    otter   9m    2.1s  exit 3, attempt 2",
        "0e4f61d2  bash_task     RUNNING  rabbit  12s   11s   62 %  linking [31m",
        "1 running, 1 waiting (oldest 3m), 1 held, 2 ended in the last hour · 3 of 4 slots free on 2 nodes",
        "",
      ].join("\n"),
    );
  });

  test("gives way in the last column where the terminal is narrow", () => {
    const lines = renderPsTable(tasks, nodes, recent, { ...pipe, columns: 60 }).split("\n");
    expect(lines[1]).toBe("9ab03c11  render        WAITING  -       3m    -     no liv…");
    for (const line of lines.slice(0, 6)) expect(line.length).toBeLessThanOrEqual(60);
  });

  test("colours states alone, and only where colour is wanted", () => {
    const lines = renderPsTable(tasks, nodes, recent, { ...pipe, colour: true }).split("\n");
    expect(lines[1]).not.toContain("\u001B");
    expect(lines[2]).toContain("  \u001B[33mHELD\u001B[39m     badger");
    expect(lines[4]).toContain("\u001B[31mERROR\u001B[39m");
    expect(lines[5]).toContain("\u001B[32mRUNNING\u001B[39m");
    expect(renderPsTable(tasks, nodes, recent, pipe)).not.toContain("\u001B");
  });

  test("shows as many digits of ids as tell them apart", () => {
    const twins = ["0e4f61d2-aaaa", "0e4f61d2-aaab"].map((start) =>
      shownTask({ id: `${start}-8000-8000-000000000000`, createdAt: before(1) }),
    );
    const lines = renderPsTable(twins, nodes, recent, pipe).split("\n");
    expect(lines[1]).toMatch(/^0e4f61d2-aaaa {2}/);
    expect(lines[2]).toMatch(/^0e4f61d2-aaab {2}/);
  });

  test("says so where there is nothing, and where the list is cut off", () => {
    expect(renderPsTable([], [node("rabbit", 1, 1)], recent, pipe)).toBe(
      "nothing runs or waits, and nothing has ended in the last hour (-a lists all) · 1 of 1 slot free on 1 node\n",
    );
    const two = { filter: { limit: 2 }, all: true } as const;
    expect(renderPsTable(tasks.slice(2, 4), nodes, two, pipe)).toContain(
      "2 ended · 3 of 4 slots free on 2 nodes · only the newest 2 are listed (-l 20 for more)\n",
    );
  });
});
