import type { TaskId, WorkerId } from "../../src/core/ids.ts";
import type { StoreTables } from "../../src/core/stored-tables.ts";
import type { TaskRecord } from "../../src/core/task/record.ts";
import { ada, ballot, claimed, fresh, id, noon, open, spec } from "./values.ts";

/** A task as it lies in the store; `number` tells tasks apart and orders them. */
export function storedTask(number: number, parts: Partial<TaskRecord> = {}): TaskRecord {
  return {
    id: taskIdAt(number),
    origin: ada,
    boot: 1,
    seq: number,
    createdAt: noon + number,
    chain: [{ voters: [ada], init: fresh }],
    decided: { epoch: 0, value: fresh, spec },
    started: {},
    ended: {},
    late: {},
    removed: false,
    forced: false,
    ...parts,
  };
}

export function taskIdAt(number: number): TaskId {
  return `00000000-0000-8000-8000-${String(number).padStart(12, "0")}` as TaskId;
}

/** One record of each table, with every kind of member in it. */
export const oneOfEach: StoreTables = {
  meta: "rabbit",
  task: storedTask(1, {
    fast: ada,
    decided: {
      epoch: 2,
      value: { ...claimed(), phase: "MOVED", to: [ada], carry: open({ notBefore: noon }) },
      spec: {
        ...spec,
        environment: { FROGS: "5", ÅNGSTRÖM: "ü 🐸\n" },
        key: "nightly",
        retry: { ...spec.retry, attempts: 3, onExit: [1, 75] },
        files: [{ path: "in/data.json", sha256: "00ff", sizeBytes: 12 }],
      },
    },
    started: {
      1: {
        at: noon,
        node: ada,
        pid: 4711,
        worker: "rabbit-1",
        typeDigest: "beef",
        timeoutMs: 0,
        typeEnvironment: { CATS: "2" },
      },
    },
    ended: { 1: { kind: "error", at: noon + 9, exitCode: 3 } },
    late: { 2: { kind: "lost", at: noon + 10, reason: "the machine restarted" } },
    retryOf: taskIdAt(7),
  }),
  register: {
    id,
    epoch: 0,
    voters: [ada],
    fast: ada,
    origin: ada,
    boot: 1,
    seq: 1,
    init: fresh,
    promised: ballot(2),
    acceptedBallot: { round: 0, node: "", boot: 0 },
    accepted: claimed(),
    gave: 1,
  },
  journal: { kind: "exited", outcome: { kind: "stopped", at: noon, signal: "SIGTERM" } },
  gone: {
    1: [[0, 4]],
    12: [
      [1, 1],
      [3, 2_000_000],
    ],
  },
  worker: { id: "rabbit-3" as WorkerId, tags: ["gpu", "linux"], paused: true, createdAt: noon },
};
