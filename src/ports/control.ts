import type { TaskId, WorkerId } from "../core/ids.ts";
import type { ShownNode } from "../core/membership/shown-node.ts";
import type { TaskFilter, TaskPage } from "../core/task/filter.ts";
import type { TaskState } from "../core/task/shown-state.ts";
import type { ShownTask } from "../core/task/shown-task.ts";
import type { Submission } from "../core/task/submission.ts";
import type { ShownWorker } from "../core/worker.ts";
import type { LogStream, ResultNode, StoredBlob } from "./files.ts";
import type { RunnerStatus } from "./runner.ts";
import type { StoreStatus } from "./store.ts";
import type { TypeEntry } from "./types.ts";

/** What became of a submission. */
export interface Submitted {
  readonly task: ShownTask;
  /** False where the key had made this task before. */
  readonly created: boolean;
  readonly warnings: readonly string[];
}

/** Where a reader of a log stands: bytes of each file already seen. */
export interface LogPosition {
  readonly stdout: number;
  readonly stderr: number;
  /** Of this attempt; absent where a reader begins, with the newest. */
  readonly attempt?: number;
}

/** What a reader of a log gets, in order; `end` is the last. */
export type LogEvent =
  /** One line without its end; `position` is where a reader that has seen it goes on. */
  | {
      readonly kind: "line";
      readonly stream: LogStream;
      readonly text: string;
      readonly position: LogPosition;
    }
  /** Nothing new for a while: keeps the connection alive. */
  | { readonly kind: "idle" }
  | { readonly kind: "end"; readonly state: TaskState };

/** Which log, from where, and whether to wait for more. */
export interface LogRequest {
  readonly streams: readonly LogStream[];
  readonly from: LogPosition;
  readonly follow: boolean;
  readonly attempt?: number;
}

/** Facts of a process and its machine, read by the composition root. */
export interface HostStatus {
  readonly pid: number;
  readonly uptimeSeconds: number;
  readonly memory: { readonly rssBytes: number; readonly heapUsedBytes: number };
  readonly loopDelayMs: { readonly mean: number; readonly p99: number; readonly max: number };
  readonly load: readonly number[];
  readonly disk: { readonly freeBytes: number; readonly totalBytes: number };
}

/** How this node is doing, for `/ops/status/`. */
export interface NodeStatus extends HostStatus {
  readonly node: string;
  readonly ready: boolean;
  /** Why it is not ready, or what it cannot do now. */
  readonly problems: readonly string[];
  readonly store: StoreStatus;
  readonly runner: RunnerStatus;
  readonly queues: { readonly open: number; readonly waiting: number; readonly running: number };
  readonly tasks: Readonly<Partial<Record<TaskState, number>>>;
  readonly peers: readonly string[];
}

/** A task type as users see it. */
export interface TypeView extends TypeEntry {
  /** Which node holds which content. */
  readonly nodes: Readonly<Record<string, string>>;
}

/**
 * What users can ask of a node: REST is a thin coat over this, and the only way in. Ids may be a
 * unique prefix wherever a `string` id is taken. All may throw STORE_UNAVAILABLE or NODE_STOPPING.
 */
export interface Control {
  /**
   * Answers once the task is on disk.
   * @throws TYPE_UNKNOWN, TYPE_INVALID, VARIABLE_MISSING, ENVIRONMENT_INVALID, FIELD_INVALID,
   * SPEC_TOO_LARGE, QUEUE_FULL, KEY_REUSED
   */
  submit(submission: Submission, submittedBy: string): Promise<Submitted>;
  /** Stores an uploaded file; name it in a submission within the hour. @throws UPLOAD_TOO_LARGE */
  upload(chunks: AsyncIterable<Uint8Array>): Promise<StoredBlob>;
  list(filter: TaskFilter, page: TaskPage): Promise<readonly ShownTask[]>;
  count(filter: TaskFilter): Promise<number>;
  /** @throws TASK_UNKNOWN, ID_AMBIGUOUS, RECORD_DAMAGED */
  find(idOrPrefix: string): Promise<ShownTask>;
  /** Resolves once the task is in a final state, or when `signal` aborts, with what it is then. */
  wait(id: TaskId, signal: AbortSignal): Promise<ShownTask>;
  /**
   * Resolves once it is decided; for a running task after its processes are gone.
   * @throws TRANSITION_ILLEGAL
   */
  cancel(idOrPrefix: string): Promise<ShownTask>;
  /**
   * Cancels if needed, then removes the record from listings and the results from disk. A task that
   * nothing can be decided about goes with `isForced` alone.
   * @throws TRANSITION_ILLEGAL
   */
  remove(idOrPrefix: string, isForced?: boolean): Promise<ShownTask>;
  /** @throws TRANSITION_ILLEGAL unless it is open and not paused / paused. */
  pause(idOrPrefix: string): Promise<ShownTask>;
  resume(idOrPrefix: string): Promise<ShownTask>;
  /** Makes a new task like an ended one. @throws TRANSITION_ILLEGAL */
  retry(idOrPrefix: string, submittedBy: string): Promise<ShownTask>;
  /** 0 to 100, with a note; kept in memory only. @throws TRANSITION_ILLEGAL unless it runs. */
  progress(idOrPrefix: string, percent: number, note: string | null): Promise<ShownTask>;

  /** @throws TASK_UNKNOWN, STREAMS_TOO_MANY */
  log(
    idOrPrefix: string,
    request: LogRequest,
    signal: AbortSignal,
  ): Promise<AsyncIterable<LogEvent>>;
  /** The last `lines` lines as text. */
  logTail(idOrPrefix: string, streams: readonly LogStream[], lines: number): Promise<string>;
  /** A file or directory under the task's results. @throws TASK_UNKNOWN, FILE_UNKNOWN */
  result(idOrPrefix: string, path: string, attempt?: number): Promise<ResultNode>;

  types(): Promise<readonly TypeView[]>;
  /** @throws TYPE_NOT_FOUND */
  type(name: string): Promise<TypeView>;

  workers(): Promise<readonly ShownWorker[]>;
  /** @throws WORKER_UNKNOWN, ID_AMBIGUOUS */
  worker(idOrPrefix: string): Promise<ShownWorker>;
  /**
   * Adds `count` workers; attached ones are not kept over a restart.
   * @throws FIELD_INVALID, QUEUE_FULL
   */
  addWorkers(
    tags: readonly string[],
    count: number,
    kind: "added" | "attached",
  ): Promise<readonly ShownWorker[]>;
  /** The worker ends after the task that it runs. */
  stopWorker(idOrPrefix: string): Promise<ShownWorker>;
  pauseWorker(idOrPrefix: string): Promise<ShownWorker>;
  resumeWorker(idOrPrefix: string): Promise<ShownWorker>;
  /** Resolved prefix of a worker, for callers that keep it. */
  workerId(idOrPrefix: string): Promise<WorkerId>;

  nodes(): Promise<readonly ShownNode[]>;
  /** By name, id or unique prefix of an id. @throws NODE_UNKNOWN */
  node(nameOrId: string): Promise<ShownNode>;

  status(): NodeStatus;
  /** Effective configuration, secrets masked. */
  config(): Readonly<Record<string, unknown>>;
  version(): VersionInfo;
}

/** What runs here, for `/version`. */
export interface VersionInfo {
  readonly version: string;
  readonly commit: string | null;
  readonly node: string;
  readonly platform: string;
}
