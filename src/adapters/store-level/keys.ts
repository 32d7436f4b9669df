import type { TableName } from "../../core/stored-tables.ts";
import type { StoreRange } from "../../ports/store.ts";

/**
 * The prefix of each table's keys. Append only: a prefix on somebody's disk never gets another
 * meaning, that of a retired table stays here as a comment.
 */
const prefixes = {
  meta: "meta!",
  task: "task!",
  register: "reg!",
  journal: "jrnl!",
  gone: "gone!",
  worker: "work!",
} as const satisfies Record<TableName, string>;

/** The code unit after `!`: above every key of a table, below those of the next. */
const afterSeparator = '"';

/** The database's key of a record. */
export function keyOf(table: TableName, key: string): string {
  return prefixes[table] + key;
}

/** The key within its table. */
export function keyWithin(table: TableName, databaseKey: string): string {
  return databaseKey.slice(prefixes[table].length);
}

/** Whether a key found in a database belongs to one of our tables. */
export function isTableKey(databaseKey: string): boolean {
  return Object.values(prefixes).some((prefix) => databaseKey.startsWith(prefix));
}

/** A range of a table as bounds of the database. */
export function boundsOf(table: TableName, range: StoreRange): { gte: string; lt: string } {
  const prefix = prefixes[table];
  return {
    gte: prefix + (range.from ?? ""),
    lt: range.to === undefined ? prefix.slice(0, -1) + afterSeparator : prefix + range.to,
  };
}
