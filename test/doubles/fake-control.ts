import { createHash } from "node:crypto";

import { BlanketError } from "../../src/core/errors.ts";
import type { TaskId, WorkerId } from "../../src/core/ids.ts";
import type { ShownNode } from "../../src/core/membership/shown-node.ts";
import type { TaskFilter, TaskPage } from "../../src/core/task/filter.ts";
import { isFinal, type TaskState } from "../../src/core/task/shown-state.ts";
import type { ShownTask } from "../../src/core/task/shown-task.ts";
import type { Submission } from "../../src/core/task/submission.ts";
import type { ShownWorker } from "../../src/core/worker.ts";
import type {
  Control,
  LogEvent,
  LogRequest,
  NodeStatus,
  TypeView,
} from "../../src/ports/control.ts";
import type { ResultNode } from "../../src/ports/files.ts";
import { shownTask, shownWorker } from "../support/shown.ts";

/** What tests see and set of a {@link createFakeControl}. */
export interface FakeControl extends Control {
  readonly submissions: Submission[];
  readonly lists: { readonly filter: TaskFilter; readonly page: TaskPage }[];
  readonly logs: { readonly id: string; readonly request: LogRequest }[];
  readonly progressTold: { readonly percent: number; readonly note: string | null }[];
  readonly blobs: Map<string, Uint8Array>;
  /** Uploads that were begun and did not come to their end. */
  brokenUploads: number;
  /** Log streams and waits that are open now. */
  open: number;
  warnings: readonly string[];
  ready: boolean;
  /** Thrown by everything that changes or reads a task, until it is taken away. */
  failure: Error | undefined;
  /** Takes a task into the list, as if it had been submitted. */
  put(task: ShownTask): void;
  end(id: string, state: TaskState): void;
  /** Adds to the log that every open and later stream of a task reads. */
  tell(id: string, ...events: readonly LogEvent[]): void;
  putResult(id: string, path: string, node: ResultNode): void;
}

/** A node in memory behind the port that REST talks to: its tasks never run by themselves. */
export function createFakeControl(): FakeControl {
  const tasks = new Map<string, ShownTask>();
  const results = new Map<string, ResultNode>();
  const told = new Map<string, LogEvent[]>();
  const workers = new Map<string, ShownWorker>();
  const wakers = new Set<() => void>();
  let count = 0;

  function wake(): void {
    for (const act of wakers) act();
  }

  function changed(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const act = () => {
        wakers.delete(act);
        signal.removeEventListener("abort", act);
        resolve();
      };
      wakers.add(act);
      signal.addEventListener("abort", act, { once: true });
    });
  }

  function found(idOrPrefix: string): ShownTask {
    if (fake.failure !== undefined) throw fake.failure;
    const exact = tasks.get(idOrPrefix);
    if (exact !== undefined) return exact;
    const matches = [...tasks.values()].filter(({ id }) => id.startsWith(idOrPrefix));
    const first = matches[0];
    if (first === undefined || idOrPrefix === "") {
      throw new BlanketError("TASK_UNKNOWN", `no task starts with ${idOrPrefix}.`);
    }
    if (matches.length > 1) throw new BlanketError("ID_AMBIGUOUS", `${idOrPrefix} is not unique.`);
    return first;
  }

  function set(idOrPrefix: string, change: Partial<ShownTask>): ShownTask {
    const task = { ...found(idOrPrefix), ...change };
    tasks.set(task.id, task);
    wake();
    return task;
  }

  function open(idOrPrefix: string, change: Partial<ShownTask>): ShownTask {
    const task = found(idOrPrefix);
    if (isFinal(task.state)) {
      throw new BlanketError("TRANSITION_ILLEGAL", `${task.id} has ended already.`);
    }
    return set(task.id, change);
  }

  function foundWorker(idOrPrefix: string): ShownWorker {
    const worker = [...workers.values()].find(({ id }) => id.startsWith(idOrPrefix));
    if (worker !== undefined && idOrPrefix !== "") return worker;
    throw new BlanketError("WORKER_UNKNOWN", `no worker is called ${idOrPrefix}.`);
  }

  function newTask(fields: Partial<ShownTask>): ShownTask {
    count += 1;
    const id = `${count.toString(16).padStart(8, "0")}-0000-8000-8000-000000000000`;
    const task = shownTask({ ...fields, id });
    tasks.set(id, task);
    return task;
  }

  async function* logEvents(id: string, { follow }: LogRequest, signal: AbortSignal) {
    fake.open += 1;
    try {
      for (let next = 0; !signal.aborted;) {
        const event = told.get(id)?.[next];
        if (event !== undefined) {
          next += 1;
          yield event;
          if (event.kind === "end") return;
        } else if (follow && !isFinal(found(id).state)) await changed(signal);
        else return void (yield { kind: "end" as const, state: found(id).state });
      }
    } finally {
      fake.open -= 1;
    }
  }

  const fake: FakeControl = {
    submissions: [],
    lists: [],
    logs: [],
    progressTold: [],
    blobs: new Map(),
    brokenUploads: 0,
    open: 0,
    warnings: [],
    ready: true,
    failure: undefined,
    put: (task) => void tasks.set(task.id, task),
    end: (id, state) => void set(id, { state }),
    tell(id, ...events) {
      told.set(id, [...(told.get(id) ?? []), ...events]);
      wake();
    },
    putResult: (id, path, node) => void results.set(`${id}/${path}`, node),

    async submit(submission) {
      if (fake.failure !== undefined) throw fake.failure;
      fake.submissions.push(submission);
      if (submission.type === "no_such_type") {
        throw new BlanketError("TYPE_UNKNOWN", "there is no task type no_such_type.");
      }
      const { type, environment, tags, key = null } = submission;
      const before =
        key === null ? undefined : [...tasks.values()].find((task) => task.key === key);
      if (before !== undefined) return { task: before, created: false, warnings: [] };
      const task = newTask({ type, defaultEnv: environment, tags, key });
      return { task, created: true, warnings: fake.warnings };
    },
    async upload(chunks) {
      const parts: Uint8Array[] = [];
      fake.brokenUploads += 1;
      for await (const chunk of chunks) parts.push(chunk);
      fake.brokenUploads -= 1;
      const bytes = Buffer.concat(parts);
      const sha256 = createHash("sha256").update(bytes).digest("hex");
      fake.blobs.set(sha256, bytes);
      return { sha256, sizeBytes: bytes.length };
    },
    async list(filter, page) {
      if (fake.failure !== undefined) throw fake.failure;
      fake.lists.push({ filter, page });
      return [...tasks.values()].slice(page.offset, page.offset + page.limit);
    },
    async count(filter) {
      fake.lists.push({ filter, page: { limit: 0, offset: 0, newestFirst: false } });
      return tasks.size;
    },
    find: async (idOrPrefix) => found(idOrPrefix),
    async wait(id: TaskId, signal) {
      fake.open += 1;
      while (!signal.aborted && !isFinal(found(id).state)) await changed(signal);
      fake.open -= 1;
      return found(id);
    },
    cancel: async (idOrPrefix) => open(idOrPrefix, { state: "STOPPED" }),
    async remove(idOrPrefix, isForced = false) {
      const task = found(idOrPrefix);
      if (task.state === "HELD" && !isForced) {
        throw new BlanketError("TRANSITION_ILLEGAL", `${task.id} is held.`);
      }
      tasks.delete(task.id);
      return task;
    },
    pause: async (idOrPrefix) => open(idOrPrefix, { state: "PAUSED" }),
    resume: async (idOrPrefix) => open(idOrPrefix, { state: "WAITING" }),
    async retry(idOrPrefix) {
      const of = found(idOrPrefix);
      if (isFinal(of.state)) return newTask({ retryOf: of.id });
      throw new BlanketError("TRANSITION_ILLEGAL", `${of.id} has not ended.`);
    },
    async progress(idOrPrefix, percent, note) {
      fake.progressTold.push({ percent, note });
      return open(idOrPrefix, { progress: percent, progressNote: note });
    },

    async log(idOrPrefix, request, signal) {
      const { id } = found(idOrPrefix);
      fake.logs.push({ id, request });
      return logEvents(id, request, signal);
    },
    async logTail(idOrPrefix, streams, lines) {
      const events = told.get(found(idOrPrefix).id) ?? [];
      const texts = events.flatMap((event) =>
        event.kind === "line" && streams.includes(event.stream) ? [`${event.text}\n`] : [],
      );
      return lines === 0 ? "" : texts.slice(-lines).join("");
    },
    async result(idOrPrefix, path) {
      const node = results.get(`${found(idOrPrefix).id}/${path}`);
      if (node !== undefined) return node;
      throw new BlanketError("FILE_UNKNOWN", `there is no file ${path}.`);
    },

    types: async () => [fakeType],
    async type(name) {
      if (name === fakeType.name) return fakeType;
      throw new BlanketError("TYPE_NOT_FOUND", `there is no task type ${name}.`);
    },
    workers: async () => [...workers.values()],
    worker: async (idOrPrefix) => foundWorker(idOrPrefix),
    async addWorkers(tags, number, kind) {
      return Array.from({ length: number }, () => {
        count += 1;
        const worker = shownWorker({ id: `rabbit-${count}`, tags, kind });
        workers.set(worker.id, worker);
        return worker;
      });
    },
    async stopWorker(idOrPrefix) {
      const worker = foundWorker(idOrPrefix);
      workers.delete(worker.id);
      return { ...worker, state: "stopping" };
    },
    pauseWorker: async (idOrPrefix) => ({ ...foundWorker(idOrPrefix), state: "paused" }),
    resumeWorker: async (idOrPrefix) => ({ ...foundWorker(idOrPrefix), state: "idle" }),
    workerId: async (idOrPrefix) => foundWorker(idOrPrefix).id as WorkerId,

    nodes: async () => [fakeNode],
    async node(nameOrId) {
      if (nameOrId === fakeNode.name || fakeNode.id.startsWith(nameOrId)) return fakeNode;
      throw new BlanketError("NODE_UNKNOWN", `no node is called ${nameOrId}.`);
    },
    status: () => ({
      ...fakeStatus,
      ready: fake.ready,
      problems: fake.ready ? [] : ["it starts."],
    }),
    config: () => ({ name: fakeNode.name }),
    version: () => ({ version: "0.0.0", commit: null, node: "v24.0.0", platform: "linux-x64" }),
  };
  return fake;
}

const fakeType: TypeView = {
  name: "bash_task",
  configFile: "/types/bash_task.toml",
  digest: "d".repeat(64),
  loadedAt: 1_764_000_000_500,
  document: { command: "true", name: "a key of the file" },
  problems: [{ message: "no such executor", key: "executor", line: 1, column: 2 }],
  nodes: { rabbit: "d".repeat(64) },
};

const fakeNode: ShownNode = {
  id: "12D3KooWfake",
  name: "rabbit",
  state: "alive",
  syncing: false,
  cordoned: false,
  lag: 0,
  rttMs: null,
  tags: ["linux"],
  slots: { total: 2, free: 2 },
  addresses: [],
  version: "0.0.0",
  boot: 1,
  lastSeenAt: "2026-11-24T10:00:00.000Z",
  load: [0, 0, 0],
  disk: { freeBytes: 1, totalBytes: 2 },
};

const fakeStatus: NodeStatus = {
  node: "rabbit",
  ready: true,
  problems: [],
  pid: 1,
  uptimeSeconds: 1,
  memory: { rssBytes: 1, heapUsedBytes: 1 },
  loopDelayMs: { mean: 0, p99: 0, max: 0 },
  load: [0, 0, 0],
  disk: { freeBytes: 1, totalBytes: 2 },
  store: {
    driver: "fake",
    open: true,
    pending: 0,
    batches: 0,
    operations: 0,
    damaged: 0,
    corrupted: false,
    lastError: null,
  },
  runner: {} as NodeStatus["runner"],
  queues: { open: 0, waiting: 0, running: 0 },
  tasks: {},
  peers: [],
};
