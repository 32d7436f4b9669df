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
  const { ports, replica, session } = context;
  const before = ports.clock.now() - limits.retentionMs;
  while (session.phase === "ready") {
    const ids = pastRetention(replica, before);
    if (ids.length === 0) break;
    await collect(context, ids);
  }
  // A task that is not read yet may need an upload that nobody else names.
  if (session.phase !== "ready") return;
  const needed = uploadsNeeded(replica);
  await ports.files.pruneBlobs((sha256) => needed.has(sha256));
}

/** Also those of tasks whose first batch is on its way to disk. */
function uploadsNeeded(replica: Replica): ReadonlySet<string> {
  const needed = new Set(replica.rows.blobs());
  for (const { working } of replica.liveTasks()) {
    for (const { sha256 } of working.record.decided.spec.files) needed.add(sha256);
  }
  return needed;
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

/**
 * The numbers of what goes are kept for ever, in the same batch: none of it can come back. Results
 * go first: once the record is gone its key is free, and a new task may use their place.
 */
async function collect(
  { ports, replica, gone }: EngineContext,
  ids: readonly TaskId[],
): Promise<void> {
  const found = await ports.store.getMany("task", ids);
  const records = found.filter((record) => record !== undefined);
  for (const { id } of records) await ports.files.remove(id);
  for (const { origin, boot, seq } of records) {
    gone.set(origin, addGone(gone.get(origin) ?? {}, boot, seq));
  }
  const origins = new Set(records.map(({ origin }) => origin));
  await ports.store.write([
    ...records.flatMap(deletions),
    ...[...origins].map((origin): StoreOperation => {
      return { kind: "put", table: "gone", key: origin, value: gone.get(origin) ?? {} };
    }),
  ]);
  for (const id of ids) replica.drop(id);
}

function deletions({ id, chain }: TaskRecord): readonly StoreOperation[] {
  const registers = [...chain.keys()].map((epoch): StoreOperation => {
    return { kind: "delete", table: "register", key: `${id}/${epoch}` };
  });
  return [{ kind: "delete", table: "task", key: id }, ...registers];
}
