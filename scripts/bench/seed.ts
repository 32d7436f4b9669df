import { hash as digest } from "node:crypto";

import { openLevelStore } from "../../src/adapters/store-level/store-level.ts";
import { taskIdOf } from "../../src/core/ids.ts";
import { limits } from "../../src/core/limits.ts";
import type { RegisterState } from "../../src/core/register/acceptor-state.ts";
import type { TaskRecord } from "../../src/core/task/record.ts";
import type { Store, StoreOperation } from "../../src/ports/store.ts";

/** Says nothing. */
export const silentLog = { debug() {}, info() {}, warn() {}, error() {} };

/** The numbers of seeded tasks begin here: far above those of any real one. */
const firstSeq = 1_000_000;

/**
 * Copies the one finished task of a stopped node `count` times, one finished a second before the
 * other: real records, without running that many commands first.
 */
export async function seedFinished(storeDirectory: string, count: number): Promise<void> {
  const store = await openLevelStore(
    { log: silentLog },
    { directory: storeDirectory, module: "level" },
  );
  try {
    const pattern = await findPattern(store);
    let operations: StoreOperation[] = [];
    for (let index = 0; index < count; index += 1) {
      operations.push(...copyOf(pattern, firstSeq + index, (count - index) * 1000));
      if (operations.length < limits.batchOperationsMax && index < count - 1) continue;
      await store.write(operations);
      operations = [];
    }
  } finally {
    await store.close();
  }
}

interface Pattern {
  readonly record: TaskRecord;
  readonly register: RegisterState | undefined;
}

async function findPattern(store: Store): Promise<Pattern> {
  for await (const { value: record } of store.scan("task")) {
    if (record?.decided.value.phase !== "CLOSED") continue;
    return { record, register: await store.get("register", `${record.id}/0`) };
  }
  throw new Error("The node has no finished task to copy.");
}

function copyOf({ record, register }: Pattern, seq: number, agoMs: number): StoreOperation[] {
  const { origin, boot } = record;
  const id = taskIdOf((bytes) => digest("sha256", bytes, "buffer"), {
    kind: "origin",
    origin,
    boot,
    seq,
  });
  const copy = { ...earlier(record, agoMs), id, seq };
  const put: StoreOperation = { kind: "put", table: "task", key: id, value: copy };
  if (register === undefined) return [put];
  const value = { ...register, id, seq };
  return [put, { kind: "put", table: "register", key: `${id}/0`, value }];
}

/** The same record as of a while ago. */
function earlier(record: TaskRecord, agoMs: number): TaskRecord {
  const { value } = record.decided;
  if (value.phase !== "CLOSED" || value.outcome === undefined) return record;
  const outcome = { ...value.outcome, at: value.outcome.at - agoMs };
  const started = Object.entries(record.started).map(([attempt, facts]) => [
    attempt,
    { ...facts, at: facts.at - agoMs },
  ]);
  return {
    ...record,
    createdAt: record.createdAt - agoMs,
    started: Object.fromEntries(started),
    decided: { ...record.decided, value: { ...value, outcome } },
  };
}
