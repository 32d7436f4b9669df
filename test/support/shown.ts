import type { ShownTask } from "../../src/core/task/shown-task.ts";
import type { ShownWorker } from "../../src/core/worker.ts";

/** A waiting task as users see it, with whatever a test wants otherwise. */
export function shownTask(fields: Partial<ShownTask> = {}): ShownTask {
  return {
    id: "0e4f61d2-0000-8000-8000-000000000000",
    type: "bash_task",
    state: "WAITING",
    reason: null,
    progress: 0,
    progressNote: null,
    tags: ["bash", "unix"],
    defaultEnv: { DEFAULT_COMMAND: "env" },
    pid: 0,
    workerId: "",
    node: null,
    resultDir: "/data/results/0e4f61d2-0000-8000-8000-000000000000",
    typeDigest: "d".repeat(64),
    timeout: 3_600,
    priority: 0,
    key: null,
    onLost: "hold",
    attempt: 0,
    attempts: [],
    exitCode: null,
    signal: null,
    files: [],
    voters: ["rabbit"],
    submittedBy: "local",
    retryOf: null,
    createdTs: 1_764_000_000,
    createdAt: "2025-11-24T16:00:00.000Z",
    startedTs: 0,
    startedAt: null,
    finishedTs: 0,
    finishedAt: null,
    lastUpdatedTs: 1_764_000_000,
    lastUpdatedAt: "2025-11-24T16:00:00.000Z",
    notBefore: null,
    expires: null,
    ...fields,
  };
}

/** An idle worker as users see it, with whatever a test wants otherwise. */
export function shownWorker(fields: Partial<ShownWorker> = {}): ShownWorker {
  return {
    id: "rabbit-1",
    node: "rabbit",
    tags: ["linux"],
    state: "idle",
    task: null,
    pid: 1,
    startedTs: 1_764_000_000,
    startedAt: "2025-11-24T16:00:00.000Z",
    kind: "added",
    ...fields,
  };
}
