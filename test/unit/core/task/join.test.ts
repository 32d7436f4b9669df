/**
 * Goal: each part of a record is joined as PROTOCOL section 4 says, and contradictions are told.
 * Method: two small records a case; the laws of the join are in test/property/join.test.ts.
 */
import { describe, expect, it } from "vitest";

import type { TaskId } from "../../../../src/core/ids.ts";
import type { Outcome } from "../../../../src/core/register/value.ts";
import { joinRecords } from "../../../../src/core/task/join.ts";
import type { Epoch, Started, TaskRecord } from "../../../../src/core/task/record.ts";
import {
  ada,
  ben,
  claimed,
  closed,
  cyd,
  fresh,
  id,
  noon,
  open,
  spec,
} from "../../../support/values.ts";

const first: Epoch = { voters: [ada], init: fresh };
const second: Epoch = { voters: [ada, ben, cyd], init: open() };
const base: TaskRecord = {
  id,
  origin: ada,
  boot: 1,
  seq: 1,
  createdAt: noon,
  chain: [first],
  decided: { epoch: 0, value: fresh, spec },
  started: {},
  ended: {},
  late: {},
  removed: false,
  forced: false,
};
const started: Started = {
  at: noon,
  node: ada,
  pid: 7,
  worker: "rabbit-1",
  typeDigest: "d",
  timeoutMs: 0,
  typeEnvironment: {},
};
const failure: Outcome = { kind: "error", at: noon, exitCode: 1 };

function record(fields: Partial<TaskRecord>): TaskRecord {
  return { ...base, ...fields };
}

describe("a joined record", () => {
  it("has the longest chain", () => {
    const longer = record({ chain: [first, second] });
    expect(joinRecords(base, longer)).toEqual({ record: longer, alarms: [] });
    expect(joinRecords(longer, base).record).toBe(longer);
  });

  it("has the value of the greatest epoch, then seq, with its content", () => {
    const edited = { ...spec, priority: 9 };
    const late = record({ decided: { epoch: 0, value: closed({ seq: 90 }), spec } });
    const moved = record({ decided: { epoch: 1, value: open({ seq: 3 }), spec: edited } });
    const next = record({ decided: { epoch: 1, value: claimed({ seq: 4 }), spec: edited } });
    expect(joinRecords(late, moved)).toEqual({ record: moved, alarms: [] });
    expect(joinRecords(next, moved)).toEqual({ record: next, alarms: [] });
  });

  it("has the attempts of both", () => {
    const one = record({ started: { 1: started }, ended: { 1: failure } });
    const two = record({ started: { 2: started }, late: { 2: failure } });
    expect(joinRecords(one, two)).toEqual({
      record: record({
        started: { 1: started, 2: started },
        ended: { 1: failure },
        late: { 2: failure },
      }),
      alarms: [],
    });
  });

  it("is removed or forced once it was anywhere", () => {
    const { record: both } = joinRecords(record({ removed: true }), record({ forced: true }));
    expect(both).toMatchObject({ removed: true, forced: true });
  });

  it("is the very record where nothing is new", () => {
    const known = record({ chain: [first, second], started: { 1: started }, removed: true });
    expect(joinRecords(known, structuredClone(base)).record).toBe(known);
  });

  it("is of one task", () => {
    expect(() => joinRecords(base, record({ id: "other" as TaskId }))).toThrow(/joined/);
  });
});

describe("an alarm", () => {
  const conflicts: readonly (readonly [string, TaskRecord, TaskRecord, object])[] = [
    [
      "two values at one place",
      record({ decided: { epoch: 1, value: claimed({ owner: ada }), spec } }),
      record({ decided: { epoch: 1, value: claimed({ owner: ben }), spec } }),
      { part: "decided" },
    ],
    [
      "two contents of one value",
      record({ decided: { epoch: 0, value: fresh, spec } }),
      record({ decided: { epoch: 0, value: fresh, spec: { ...spec, priority: 1 } } }),
      { part: "decided" },
    ],
    [
      "two chains of which neither begins with the other",
      record({ chain: [first, second] }),
      record({ chain: [second] }),
      { part: "chain" },
    ],
    [
      "two owners of one attempt",
      record({ started: { 1: started } }),
      record({ started: { 1: { ...started, node: ben } } }),
      { part: "started", n: 1 },
    ],
    [
      "two ends of one attempt",
      record({ ended: { 2: failure } }),
      record({ ended: { 2: { ...failure, exitCode: 2 } } }),
      { part: "ended", n: 2 },
    ],
    [
      "two true ends of a lost attempt",
      record({ late: { 3: failure } }),
      record({ late: { 3: { ...failure, kind: "success" } } }),
      { part: "late", n: 3 },
    ],
    ["two creations of one id", base, record({ origin: ben, fast: ben }), { part: "creation" }],
  ];
  for (const [what, a, b, alarm] of conflicts) {
    it(`tells of ${what}, and both sides keep the same one`, () => {
      const joined = joinRecords(a, b);
      expect(joined.alarms).toHaveLength(1);
      expect(joined.alarms[0]).toMatchObject(alarm);
      expect(joinRecords(b, a)).toEqual(joined);
      expect(joined.alarms[0]?.kept).not.toEqual(joined.alarms[0]?.aside);
    });
  }
});
