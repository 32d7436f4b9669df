import type { TableName } from "../../core/stored-tables.ts";
import type { Log } from "../../ports/log.ts";
import type { Metrics } from "../../ports/metrics.ts";
import type { DatabaseOperation } from "./database.ts";
import { keyOf } from "./keys.ts";

/** The damaged records that were met and not written anew since. */
export interface DamageList {
  /** Tells the listeners, the log and the metrics, once for each record. */
  add(table: TableName, key: string, why: string): void;
  /** These were written or deleted: nothing is wrong with them any more. */
  mend(operations: readonly DatabaseOperation[]): void;
  onDamaged(listener: (table: TableName, key: string) => void): void;
  size(): number;
}

export function createDamageList(log: Log, metrics: Metrics | undefined): DamageList {
  const damaged = new Set<string>();
  const listeners: ((table: TableName, key: string) => void)[] = [];
  return {
    add(table, key, why) {
      const databaseKey = keyOf(table, key);
      if (damaged.has(databaseKey)) return;
      damaged.add(databaseKey);
      log.error("a stored record is damaged and counts as absent", { table, record: key, why });
      metrics?.count("records_damaged_total");
      for (const listener of listeners) listener(table, key);
    },
    mend(operations) {
      if (damaged.size === 0) return;
      for (const { key } of operations) damaged.delete(key);
    },
    onDamaged(listener) {
      listeners.push(listener);
    },
    size: () => damaged.size,
  };
}
