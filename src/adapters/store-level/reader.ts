import { BlanketError } from "../../core/errors.ts";
import type { StoreTables, TableName } from "../../core/stored-tables.ts";
import type { Store, StoreRange, StoreRow } from "../../ports/store.ts";
import type { Availability } from "./availability.ts";
import type { DamageList } from "./damage-list.ts";
import type { Database } from "./database.ts";
import { boundsOf, keyOf, keyWithin } from "./keys.ts";
import { readRows } from "./read-rows.ts";
import { recordIn } from "./stored-record.ts";

type Reader = Pick<Store, "get" | "getMany" | "scan">;

/** What is under a key; `damaged` has been reported. */
type Found<T extends TableName> =
  | { readonly kind: "record"; readonly value: StoreTables[T] }
  | { readonly kind: "absent" }
  | { readonly kind: "damaged"; readonly why: string };

interface ReaderParts {
  readonly database: Database;
  readonly availability: Availability;
  readonly damages: DamageList;
}

/**
 * Reads records and believes none whose checksum fails. A block of a table that LevelDB can't read
 * is taken for damage and not for a failing disk: opening again would not help, and everything else
 * is still there.
 */
export function createReader(parts: ReaderParts): Reader {
  return {
    async get(table, key) {
      const found = await find(parts, table, key);
      if (found.kind === "damaged") throw damagedError(table, key, found.why);
      return found.kind === "record" ? found.value : undefined;
    },
    async getMany(table, keys) {
      const found = await findMany(parts, table, keys);
      return found.map((each) => (each.kind === "record" ? each.value : undefined));
    },
    scan: (table, range = {}) => scan(parts, table, range),
  };
}

async function find<T extends TableName>(
  parts: ReaderParts,
  table: T,
  key: string,
): Promise<Found<T>> {
  const { database, availability, damages } = parts;
  availability.assertOpen();
  let stored: Uint8Array | undefined;
  try {
    stored = await database.get(keyOf(table, key));
  } catch (error) {
    availability.noteCorruption(error);
    const why = "the database can't read it";
    damages.add(table, key, why);
    return { kind: "damaged", why };
  }
  return understand(damages, table, key, stored);
}

async function findMany<T extends TableName>(
  parts: ReaderParts,
  table: T,
  keys: readonly string[],
): Promise<readonly Found<T>[]> {
  const { database, availability, damages } = parts;
  availability.assertOpen();
  let stored: readonly (Uint8Array | undefined)[];
  try {
    stored = await database.getMany(keys.map((key) => keyOf(table, key)));
  } catch (error) {
    availability.noteCorruption(error);
    // One unreadable key fails the whole call of the database; asked alone, only itself.
    return Promise.all(keys.map((key) => find(parts, table, key)));
  }
  return keys.map((key, index) => understand(damages, table, key, stored[index]));
}

async function* scan<T extends TableName>(
  { database, availability, damages }: ReaderParts,
  table: T,
  range: StoreRange,
): AsyncGenerator<StoreRow<T>, void> {
  availability.assertOpen();
  const bounds = { ...boundsOf(table, range), limit: range.limit ?? -1 };
  for await (const rows of readRows(database, bounds, availability)) {
    for (const [databaseKey, stored] of rows) {
      const key = keyWithin(table, databaseKey);
      const found = understand(damages, table, key, stored);
      yield { key, value: found.kind === "record" ? found.value : undefined };
    }
  }
}

function understand<T extends TableName>(
  damages: DamageList,
  table: T,
  key: string,
  stored: Uint8Array | undefined,
): Found<T> {
  if (stored === undefined) return { kind: "absent" };
  const found = recordIn(table, key, stored);
  if (found.kind === "damaged") damages.add(table, key, found.why);
  return found;
}

function damagedError(table: TableName, key: string, why: string): BlanketError {
  return new BlanketError(
    "RECORD_DAMAGED",
    `The record ${key} of the table ${table} can't be believed: ${why}; check the disk, and make anew what is missed.`,
    { table, key, why },
  );
}
