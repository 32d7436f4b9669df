import type { TaskId } from "../core/ids.ts";
import { limits } from "../core/limits.ts";
import { addGone } from "../core/register/gone.ts";
import type { TaskRecord } from "../core/task/record.ts";
import { taskStates } from "../core/task/shown-state.ts";
import type { StoreOperation } from "../ports/store.ts";
import type { EngineContext } from "./context.ts";
import type { Replica } from "./replica.ts";

/** Collects what is past its time: closed tasks with registers and results, unneeded uploads. */
export interface Janitor {
  start(): void;
  stop(): void;
}

const roundEveryMs = 10 * 60_000;
/** Tasks collected in one batch, so that a long history leaves in many short steps. */
const batchTasks = 200;

export function createJanitor(context: EngineContext): Janitor {
  const { clock, log } = context.ports;
  let cancel: (() => void) | undefined;

  function plan(): void {
    cancel = clock.after(roundEveryMs, () => {
      round(context)
        .catch((error: unknown) => log.warn("old tasks could not be collected", { error }))
        .finally(() => {
          if (cancel !== undefined) plan();
        });
    });
  }

  return {
    start: plan,
    stop() {
      cancel?.();
      cancel = undefined;
    },
  };
}

async function round(context: EngineContext): Promise<void> {
  const { ports, replica } = context;
  const before = ports.clock.now() - limits.retentionMs;
  while (context.session.phase === "ready") {
    const ids = pastRetention(replica, before);
    if (ids.length === 0) break;
    const records = await ports.store.getMany("task", ids);
    await collect(
      context,
      records.filter((record) => record !== undefined),
    );
    for (const id of ids) replica.drop(id);
  }
  const needed = replica.rows.blobs();
  await ports.files.pruneBlobs((sha256) => needed.has(sha256));
}

/** Closed tasks that ended before then, the oldest first, up to a batch. */
function pastRetention({ rows, removed }: Replica, before: number): readonly TaskId[] {
  const found: TaskId[] = [];
  for (const [id, endedAt] of removed) {
    if (endedAt < before && found.length < batchTasks) found.push(id);
  }
  for (const state of taskStates) {
    for (const row of rows.bucket(state)) {
      if (row.createdAt >= before || found.length >= batchTasks) break;
      if (row.finishedAt > 0 && row.finishedAt < before) found.push(row.id);
    }
  }
  return found;
}

/** The numbers of what goes are kept for ever, in the same batch: none of it can come back. */
async function collect(
  { ports, gone }: EngineContext,
  records: readonly TaskRecord[],
): Promise<void> {
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
  await ports.store.write(operations);
  for (const { id } of records) await ports.files.remove(id);
}
