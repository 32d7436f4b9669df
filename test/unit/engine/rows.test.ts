/**
 * Goal: memory keeps of each task what listings need, filed where it stands, and no more than that
 * of those that have ended.
 * Method: rows alone, with records at different points of their lives.
 */
import { describe, expect, it } from "vitest";

import type { Value } from "../../../src/core/register/value.ts";
import type { TaskRecord } from "../../../src/core/task/record.ts";
import { createRows, type Rows } from "../../../src/engine/rows.ts";
import { storedTask, taskIdAt } from "../../support/stored.ts";
import { ada, claimed, closed, noon, open, spec } from "../../support/values.ts";

function task(number: number, value: Value, parts: Partial<TaskRecord> = {}): TaskRecord {
  return storedTask(number, { decided: { epoch: 0, value, spec }, ...parts });
}

const success = closed({ owner: ada, outcome: { kind: "success", at: noon + 9 } });

function numbersIn(rows: Rows, bucket: Parameters<Rows["bucket"]>[0]): readonly number[] {
  return rows.bucket(bucket).map(({ id }) => Number(id.slice(-12)));
}

describe("a row", () => {
  it("moves through its buckets as its task lives", () => {
    const rows = createRows();
    const lives: readonly (readonly [Value, Parameters<Rows["bucket"]>[0]])[] = [
      [open(), "open"],
      [claimed(), "claimed"],
      [open({ paused: true }), "open"],
      [claimed(), "claimed"],
      [success, "SUCCESS"],
    ];
    for (const [value, bucket] of lives) {
      rows.put(task(1, value));
      expect(rows.buckets().filter((each) => rows.bucket(each).length > 0)).toEqual([bucket]);
      expect(rows.get(taskIdAt(1))?.bucket).toBe(bucket);
      expect(rows.size()).toBe(1);
    }
    rows.remove(taskIdAt(1));
    rows.remove(taskIdAt(1));
    expect(rows.size()).toBe(0);
    expect(rows.byPrefix("0", 1)).toEqual([]);
  });

  it("of a moved register is filed by the value that moves", () => {
    const rows = createRows();
    rows.put(task(1, { ...claimed(), phase: "MOVED", to: [ada], carry: claimed() }));
    rows.put(task(2, { ...open(), phase: "MOVED", to: [ada], carry: open() }));
    expect([numbersIn(rows, "claimed"), numbersIn(rows, "open")]).toEqual([[1], [2]]);
  });

  it("knows when its task ended, and by whom", () => {
    const rows = createRows();
    expect(rows.put(task(1, success))).toMatchObject({ finishedAt: noon + 9, owner: ada });
    expect(rows.put(task(2, closed())).finishedAt).toBe(noon + 2);
    expect(rows.put(task(3, claimed()))).toMatchObject({ finishedAt: 0, owner: ada });
    expect(rows.put(task(4, open()))).toMatchObject({ finishedAt: 0, owner: undefined });
  });
});

describe("rows that are loaded", () => {
  it("come in any order, keep the records of open tasks alone, and then take changes", () => {
    const rows = createRows();
    const records = [5, 3, 9, 1, 7].map((number) =>
      task(number, number % 3 === 0 ? open() : success),
    );
    for (const record of records) rows.load(record.id, record);
    expect(rows.size()).toBe(5);
    expect(rows.bucket("open")).toEqual([]);
    rows.loaded();
    expect([numbersIn(rows, "open"), numbersIn(rows, "SUCCESS")]).toEqual([
      [3, 9],
      [1, 5, 7],
    ]);
    expect(rows.bucket("SUCCESS").every(({ record }) => record === undefined)).toBe(true);
    expect(rows.bucket("open").every(({ record }) => record !== undefined)).toBe(true);
    rows.put(task(9, success));
    rows.put(task(6, success));
    expect([numbersIn(rows, "open"), numbersIn(rows, "SUCCESS")]).toEqual([[3], [1, 5, 6, 7, 9]]);
  });

  it("leave nothing behind when they are cleared in the middle", () => {
    const rows = createRows();
    rows.load(taskIdAt(1), task(1, open()));
    rows.clear();
    rows.load(taskIdAt(2), task(2, open()));
    rows.loaded();
    expect(numbersIn(rows, "open")).toEqual([2]);
  });
});

describe("the first row since a time", () => {
  it("is found among equal ages, before all and after all", () => {
    const rows = createRows();
    const ages = [10, 20, 20, 20, 30];
    for (const [number, age] of ages.entries()) {
      rows.put(task(number, open(), { createdAt: noon + age }));
    }
    const found = [0, 10, 11, 20, 21, 30, 31].map((age) => rows.firstSince("open", noon + age));
    expect(found).toEqual([0, 0, 1, 1, 4, 4, 5]);
    expect(rows.firstSince("LOST", noon)).toBe(0);
  });
});

describe("uploads", () => {
  it("are those of all tasks that are known, closed ones too", () => {
    const rows = createRows();
    const withFile = (number: number, value: Value, sha256: string): TaskRecord => {
      const files = [{ path: "a", sha256, sizeBytes: 1 }];
      return task(number, value, { decided: { epoch: 0, value, spec: { ...spec, files } } });
    };
    rows.load(taskIdAt(1), withFile(1, success, "one"));
    rows.loaded();
    rows.put(withFile(2, open(), "two"));
    rows.put(withFile(3, open(), "two"));
    rows.put(task(4, open()));
    expect([...rows.blobs()].toSorted()).toEqual(["one", "two"]);
    rows.remove(taskIdAt(2));
    expect([...rows.blobs()].toSorted()).toEqual(["one", "two"]);
    rows.remove(taskIdAt(3));
    expect([...rows.blobs()]).toEqual(["one"]);
  });
});
