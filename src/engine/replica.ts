import { BlanketError } from "../core/errors.ts";
import { isTaskId, isTaskIdPrefix, type TaskId } from "../core/ids.ts";
import { limits } from "../core/limits.ts";
import type { RegisterState } from "../core/register/acceptor-state.ts";
import type { TaskRecord } from "../core/task/record.ts";
import type { Store, StoreOperation } from "../ports/store.ts";
import { createRows, type Row, type Rows } from "./rows.ts";
import { createWatchers, type Watchers } from "./watchers.ts";

/** A task's record with this node's vote on it. */
export interface Version {
  readonly record: TaskRecord;
  /** Absent where this node does not vote, or where its vote is damaged. */
  readonly register: RegisterState | undefined;
}

/** A task that is not closed: what the next change starts from, and what is on disk. */
export interface LiveTask {
  readonly id: TaskId;
  /** As it will stand once everything that was asked of the store is on disk. */
  working: Version;
  /** As it is on disk, which is all that anybody is told; undefined before its first write. */
  shown: TaskRecord | undefined;
  /** Resolves when the last write asked for is on disk. */
  committed: Promise<void>;
}

/** The tasks that this node knows: live ones whole, closed ones as rows, the rest on disk. */
export interface Replica {
  readonly rows: Rows;
  /** Removed tasks that wait for their retention, with when they ended (unix milliseconds). */
  readonly removed: Map<TaskId, number>;
  /** Tasks of which the disk holds what can't be believed. */
  readonly damaged: Set<TaskId>;
  live(id: TaskId): LiveTask | undefined;
  liveTasks(): Iterable<LiveTask>;
  liveCount(): number;
  /** Takes in a task that is about to be written, or one that was read at start. */
  begin(version: Version): LiveTask;
  /** A task whose first write failed never happened. */
  forget(id: TaskId): void;
  /**
   * Makes `version` what the next change starts from, writes it with `more` in one batch, and
   * shows it once it is on disk. @throws STORE_UNAVAILABLE
   */
  commit(task: LiveTask, version: Version, more?: readonly StoreOperation[]): Promise<void>;
  /** Shows facts that came without a write: they are repeated by whoever told them. */
  show(task: LiveTask, record: TaskRecord): void;
  /** The record as it is on disk, also of closed and removed tasks. @throws RECORD_DAMAGED */
  fetch(id: TaskId): Promise<TaskRecord | undefined>;
  /**
   * The one task whose id begins so; one whose record is damaged where there is no other, which
   * whoever fetches it is told. @throws TASK_UNKNOWN, ID_AMBIGUOUS
   */
  resolve(idOrPrefix: string): TaskId;
  /** A removed task is shown no longer. */
  hide(record: TaskRecord): void;
  /** Drops a collected task from memory. */
  drop(id: TaskId): void;
  /** Tells of each new record that is shown. */
  readonly watch: Watchers["watch"];
  /** Tells what is known now of each task that is watched: what it became may have been missed. */
  tellAgain(): Promise<void>;
  clear(): void;
}

export function createReplica(store: Store): Replica {
  const rows = createRows();
  const removed = new Map<TaskId, number>();
  const tasks = new Map<TaskId, LiveTask>();
  const damaged = new Set<TaskId>();
  const watchers = createWatchers();
  const recent: TaskId[] = [];

  function show(task: LiveTask, record: TaskRecord): void {
    task.shown = record;
    rows.put(record);
    if (record.decided.value.phase === "CLOSED") {
      tasks.delete(task.id);
      recent.push(task.id);
      if (recent.length > limits.recentRecordsMax) release(rows.get(recent.shift() ?? task.id));
    }
    watchers.tell(record);
  }

  async function fetch(id: TaskId): Promise<TaskRecord | undefined> {
    const row = rows.get(id);
    return row?.record ?? tasks.get(id)?.shown ?? (await store.get("task", id));
  }

  return {
    rows,
    removed,
    damaged,
    live: (id) => tasks.get(id),
    liveTasks: () => tasks.values(),
    liveCount: () => tasks.size,
    begin(version) {
      const { id } = version.record;
      const task = { id, working: version, shown: undefined, committed: Promise.resolve() };
      tasks.set(id, task);
      return task;
    },
    forget: (id) => tasks.delete(id),
    commit(task, version, more = []) {
      task.working = version;
      task.committed = store
        .write([...versionOperations(version), ...more])
        .then(() => show(task, withStarts(version.record, task.shown)));
      return task.committed;
    },
    show,
    fetch,
    resolve: (idOrPrefix) => resolve(rows, damaged, idOrPrefix),
    hide(record) {
      tasks.delete(record.id);
      rows.remove(record.id);
      removed.set(record.id, endOf(record));
      watchers.tell(record);
    },
    drop(id) {
      rows.remove(id);
      removed.delete(id);
    },
    watch: watchers.watch,
    // What can't be believed is told to nobody; those who wait for it wait on.
    tellAgain: () => watchers.tellAgain(async (id) => (damaged.has(id) ? undefined : fetch(id))),
    clear() {
      for (const each of [rows, removed, damaged, tasks]) each.clear();
      recent.length = 0;
    },
  };
}

/** Starts are shown before they are stored: a version that was on its way may not know of one. */
function withStarts(record: TaskRecord, shown: TaskRecord | undefined): TaskRecord {
  if (shown === undefined || shown.started === record.started) return record;
  return { ...record, started: { ...shown.started, ...record.started } };
}

function endOf({ decided: { value }, createdAt }: TaskRecord): number {
  return value.phase === "CLOSED" ? (value.outcome?.at ?? createdAt) : createdAt;
}

function release(row: Row | undefined): void {
  if (row !== undefined && row.finishedAt > 0) row.record = undefined;
}

/** The writes that put a version on disk. */
function versionOperations({ record, register }: Version): readonly StoreOperation[] {
  const task: StoreOperation = { kind: "put", table: "task", key: record.id, value: record };
  if (register === undefined) return [task];
  const key = `${register.id}/${register.epoch}`;
  return [task, { kind: "put", table: "register", key, value: register }];
}

function resolve(rows: Rows, damaged: ReadonlySet<TaskId>, idOrPrefix: string): TaskId {
  const text = idOrPrefix.toLowerCase();
  if (isTaskId(text) && rows.get(text) !== undefined) return text;
  const found = isTaskIdPrefix(text) ? rows.byPrefix(text, 3) : [];
  const only = found[0] ?? (isTaskIdPrefix(text) ? firstWith(damaged, text) : undefined);
  if (only === undefined) {
    const all = rows.size();
    const have = all === 1 ? "lists the one there is" : `lists all ${all.toLocaleString("en")}`;
    const rest = all === 0 ? "There are no tasks yet" : `\`blanket ps -a\` ${have}`;
    throw new BlanketError("TASK_UNKNOWN", `no task starts with ${idOrPrefix}. ${rest}.`, {
      id: idOrPrefix,
    });
  }
  if (found.length > 1) {
    throw new BlanketError(
      "ID_AMBIGUOUS",
      `several tasks start with ${idOrPrefix} (${found.join(", ")} …); give more digits.`,
      { id: idOrPrefix, candidates: found },
    );
  }
  return only;
}

function firstWith(ids: ReadonlySet<TaskId>, prefix: string): TaskId | undefined {
  for (const id of ids) if (id.startsWith(prefix)) return id;
  return undefined;
}
