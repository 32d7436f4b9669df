import type { StoreTables, TableName } from "../core/stored-tables.ts";

/** One change of a batch. */
export type StoreOperation = {
  readonly [T in TableName]:
    | {
        readonly kind: "put";
        readonly table: T;
        readonly key: string;
        readonly value: StoreTables[T];
      }
    | { readonly kind: "delete"; readonly table: T; readonly key: string };
}[TableName];

/** One record of a scan; `value` is absent where the stored bytes are damaged. */
export interface StoreRow<T extends TableName> {
  readonly key: string;
  readonly value: StoreTables[T] | undefined;
}

/** Which keys of a table: from `from` (inclusive) up to `to` (exclusive), `limit` rows at most. */
export interface StoreRange {
  readonly from?: string;
  readonly to?: string;
  readonly limit?: number;
}

/**
 * The durable tables of one node. Records carry a checksum; one that fails it is never returned.
 * Errors: RECORD_DAMAGED from `get`; STORE_UNAVAILABLE from everything once a write or read has
 * failed, until `reopen` resolves.
 */
export interface Store {
  /**
   * Puts all operations on disk, synced, all or none; what is asked for within one turn of the
   * loop goes into one batch, in the order of the calls. A rejected batch may or may not be on
   * disk: only `reopen` and a fresh read tell.
   */
  write(operations: readonly StoreOperation[]): Promise<void>;
  get<T extends TableName>(table: T, key: string): Promise<StoreTables[T] | undefined>;
  /** In the order of `keys`; damaged records count as absent and are reported to `onDamaged`. */
  getMany<T extends TableName>(
    table: T,
    keys: readonly string[],
  ): Promise<readonly (StoreTables[T] | undefined)[]>;
  /** In key order. */
  scan<T extends TableName>(table: T, range?: StoreRange): AsyncIterable<StoreRow<T>>;
  /** Closes and opens the database again: what LevelDB needs after any I/O error. */
  reopen(): Promise<void>;
  /** Called once when the store becomes unusable (disk full, I/O error); `reopen` ends that. */
  onFailure(listener: (cause: unknown) => void): void;
  /** Called for each damaged record, with its table and key, when it is first met. */
  onDamaged(listener: (table: TableName, key: string) => void): void;
  /** Facts for `/ops/status/`. */
  status(): StoreStatus;
  close(): Promise<void>;
}

/** Facts for `/ops/status/`. */
export interface StoreStatus {
  readonly driver: string;
  readonly open: boolean;
  /** Writes that wait for their batch. */
  readonly pending: number;
  readonly batches: number;
  readonly operations: number;
  /** Damaged records that were met and not written anew since. */
  readonly damaged: number;
  /**
   * Synced records were lost, now or in an earlier run (`meta/corrupted`): this identity must not
   * vote any more.
   */
  readonly corrupted: boolean;
  readonly lastError: string | null;
}
