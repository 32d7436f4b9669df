import { decodeRecord, encodeRecord } from "../../contract/records.ts";
import type { StoreTables, TableName } from "../../core/stored-tables.ts";
import { seal, unseal } from "./envelope.ts";
import { keyOf } from "./keys.ts";

/** A record found under its key, or why it is not believed. */
export type FoundRecord<T extends TableName> =
  | { readonly kind: "record"; readonly value: StoreTables[T] }
  | { readonly kind: "damaged"; readonly why: string };

/** The bytes to store under `keyOf(table, key)`. @throws INTERNAL for a record that is none */
export function storedBytes<T extends TableName>(
  table: T,
  key: string,
  value: StoreTables[T],
): Uint8Array {
  return seal(keyOf(table, key), encodeRecord(table, value));
}

export function recordIn<T extends TableName>(
  table: T,
  key: string,
  stored: Uint8Array,
): FoundRecord<T> {
  const payload = unseal(keyOf(table, key), stored);
  if (payload === undefined) return { kind: "damaged", why: "its checksum fails" };
  const decoded = decodeRecord(table, payload);
  switch (decoded.kind) {
    case "record":
      return decoded;
    case "newer":
      return { kind: "damaged", why: `a newer Blanket wrote it (version ${decoded.version})` };
    case "malformed":
      return { kind: "damaged", why: "it is not what its table holds" };
  }
}
