import type { NodeId } from "../core/ids.ts";
import { limits } from "../core/limits.ts";
import { addGone, type GoneIntervals } from "../core/register/gone.ts";
import type { TaskRecord } from "../core/task/record.ts";
import { taskStates } from "../core/task/shown-state.ts";
import type { StoreOperation } from "../ports/store.ts";
import type { EnginePorts } from "./deps.ts";
import type { Replica } from "./replica.ts";

/** Collects what is past its time: closed tasks with registers and results, unneeded uploads. */
export interface Janitor {
  start(): void;
  stop(): void;
}

export interface JanitorDeps {
  readonly ports: EnginePorts;
  readonly replica: Replica;
  readonly gone: Map<NodeId, GoneIntervals>;
  isReady(): boolean;
}

const roundEveryMs = 10 * 60_000;
/** Tasks collected in one batch, so that a long history leaves in many short steps. */
const batchTasks = 200;

export function createJanitor({ ports, replica, gone, isReady }: JanitorDeps): Janitor {
  const { clock, store, files, log } = ports;
  let cancel: (() => void) | undefined;

  async function round(): Promise<void> {
    const before = clock.now() - limits.retentionMs;
    for (let ids = old(before); ids.length > 0 && isReady(); ids = old(before)) {
      const records = await store.getMany("task", ids);
      await collect(records.filter((record) => record !== undefined));
      for (const id of ids) replica.drop(id);
    }
    const needed = neededBlobs();
    await files.pruneBlobs((sha256) => needed.has(sha256));
  }

  function old(before: number) {
    const found = [];
    for (const state of taskStates) {
      for (const row of replica.rows.bucket(state)) {
        if (row.createdAt >= before || found.length >= batchTasks) break;
        if (row.finishedAt > 0 && row.finishedAt < before) found.push(row.id);
      }
    }
    return found;
  }

  /** The numbers of what goes are kept for ever, in the same batch: none of it can come back. */
  async function collect(records: readonly TaskRecord[]): Promise<void> {
    const operations: StoreOperation[] = [];
    for (const record of records) {
      gone.set(record.origin, addGone(gone.get(record.origin) ?? {}, record.boot, record.seq));
      operations.push({ kind: "delete", table: "task", key: record.id });
      for (const epoch of record.chain.keys()) {
        operations.push({ kind: "delete", table: "register", key: `${record.id}/${epoch}` });
      }
    }
    for (const origin of new Set(records.map((record) => record.origin))) {
      operations.push({ kind: "put", table: "gone", key: origin, value: gone.get(origin) ?? {} });
    }
    await store.write(operations);
    for (const { id } of records) await files.remove(id);
  }

  function neededBlobs(): ReadonlySet<string> {
    const needed = new Set<string>();
    for (const task of replica.liveTasks()) {
      for (const { sha256 } of task.working.record.decided.spec.files) needed.add(sha256);
    }
    return needed;
  }

  function plan(delayMs: number): void {
    cancel = clock.after(delayMs, () => {
      const done = isReady() ? round() : Promise.resolve();
      done
        .catch((error: unknown) => log.warn("old tasks could not be collected", { error }))
        .finally(() => {
          if (cancel !== undefined) plan(roundEveryMs);
        });
    });
  }

  return {
    start: () => plan(roundEveryMs),
    stop() {
      cancel?.();
      cancel = undefined;
    },
  };
}
