import type { JournalEntry } from "./journal.ts";
import type { RegisterState } from "./register/acceptor-state.ts";
import type { GoneIntervals } from "./register/gone.ts";
import type { TaskRecord } from "./task/record.ts";
import type { StoredWorker } from "./worker.ts";

/**
 * What each table of the store holds, by key. Keys are ASCII and ordered by code unit.
 *
 * - `meta`: `boot` (u32 as number), `storeId` (hex), `name` (the node's last name), `tokenKey`
 *   (hex), `workerNumber` (last given to a worker of users); the store itself writes `schema`
 *   (number of its layout) and `corrupted` (1: synced records were lost). Who mints a new identity
 *   after that deletes `corrupted`; it counts from the next opening.
 * - `task`: `<task id>`
 * - `register`: `<task id>/<epoch>`
 * - `journal`: `<task id>/<attempt>`
 * - `gone`: `<origin>`: the numbers collected of that origin
 * - `worker`: `<worker id>`
 */
export interface StoreTables {
  readonly meta: string | number;
  readonly task: TaskRecord;
  readonly register: RegisterState;
  readonly journal: JournalEntry;
  readonly gone: GoneIntervals;
  readonly worker: StoredWorker;
}
/** The name of a table. */
export type TableName = keyof StoreTables;
