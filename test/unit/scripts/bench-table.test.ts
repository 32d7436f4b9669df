/**
 * Goal: the bench tells honestly what was measured: its statistics, and by how much a budget is
 * missed. Method: plain values in, tables out.
 */
import { describe, expect, test } from "vitest";

import { verdict } from "../../../scripts/bench/figure.ts";
import { median, percentile } from "../../../scripts/bench/statistics.ts";
import { markdownTable, plainTable, type BenchRun } from "../../../scripts/bench/table.ts";

const run: BenchRun = {
  at: "2026-11-24T10:00:00.000Z",
  quick: false,
  machine: {
    cpu: "Some CPU",
    cores: 2,
    memoryGiB: 8,
    kernel: "6.1",
    node: "v24.21.0",
    fileSystem: "ext2/ext3",
    commit: "abc1234",
    load: 0.2,
  },
  figures: [
    {
      id: "speed",
      title: "tasks",
      rows: [
        { what: "blanket", value: 1234.4, unit: "/s" },
        { what: "blanket : other", value: 2.5, unit: "×", budget: { atLeast: 3 } },
        { what: "idle", value: 0.4, unit: "%", budget: { atMost: 1 }, note: "of a core" },
      ],
    },
    { id: "start", title: "start-up", rows: [], error: "not measured: no node" },
  ],
};

describe("statistics", () => {
  test("the median is the middle, or the mean of the two middles", () => {
    expect(median([5, 1, 3])).toBe(3);
    expect(median([4, 1, 3, 2])).toBe(2.5);
  });

  test("a percentile is a value that was measured", () => {
    const values = Array.from({ length: 200 }, (_, index) => index + 1);
    expect(percentile(values, 99)).toBe(198);
    expect(percentile(values, 100)).toBe(200);
    expect(percentile([7], 99)).toBe(7);
  });

  test("nothing has no median", () => {
    expect(() => median([])).toThrow(RangeError);
  });
});

describe("verdict", () => {
  test.each([
    [3, { atLeast: 3 }, "met"],
    [2.5, { atLeast: 3 }, "missed by 17 %"],
    [10, { atMost: 20 }, "met"],
    [40, { atMost: 20 }, "missed by 50 %"],
  ])("%s against %o is %s", (value, budget, text) => {
    expect(verdict({ what: "it", value, unit: "ms", budget })).toBe(text);
  });

  test("is silent where there is no budget", () => {
    expect(verdict({ what: "it", value: 1, unit: "ms" })).toBe("");
  });
});

describe("tables", () => {
  test("in plain text, columns are aligned and a failed figure says why", () => {
    expect(plainTable(run)).toBe(
      `2026-11-24, commit abc1234: 2 × Some CPU, 8 GiB, Linux 6.1, ext2/ext3, Node v24.21.0.

tasks
  blanket          1,234 /s
  blanket : other    2.50 ×  ≥ 3  missed by 17 %
  idle               0.40 %  ≤ 1  met; of a core

start-up
  not measured: no node`,
    );
  });

  test("the heading says so where others used the machine, or the run was quick", () => {
    const busy = { ...run, quick: true, machine: { ...run.machine, load: 3.1 }, figures: [] };
    expect(plainTable(busy)).toMatch(/Quick run: .* Load 3\.1 before it: /);
  });

  test("in Markdown, each figure is a line of the one table", () => {
    expect(markdownTable(run).split("\n").slice(2)).toEqual([
      "| figure | value | budget | |",
      "|---|--:|---|---|",
      "| **tasks** |  | | |",
      "| blanket | 1,234 /s |  |  |",
      "| blanket : other | 2.50 × | ≥ 3 | missed by 17 % |",
      "| idle | 0.40 % | ≤ 1 | met; of a core |",
      "| **start-up** | not measured: no node | | |",
    ]);
  });
});
