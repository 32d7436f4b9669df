import { Packr, Unpackr } from "msgpackr";
import { Compile } from "typebox/compile";

import { assert } from "../core/errors.ts";
import type { StoreTables, TableName } from "../core/stored-tables.ts";
import { recordSchemas, recordVersions } from "./record-schemas.ts";

/** What stored bytes turned out to be. */
export type DecodedRecord<T extends TableName> =
  | { readonly kind: "record"; readonly value: StoreTables[T] }
  /** Written by a newer Blanket in a form that this one does not know. */
  | { readonly kind: "newer"; readonly version: number }
  /** Not MessagePack, or not what the table holds. */
  | { readonly kind: "malformed" };

// With maps as long as they are, instead of padded ones, packing takes half the time.
const packr = new Packr({ useRecords: false, variableMapSize: true });
const unpackr = new Unpackr({ useRecords: false });

const validators = {
  meta: Compile(recordSchemas.meta),
  task: Compile(recordSchemas.task),
  register: Compile(recordSchemas.register),
  journal: Compile(recordSchemas.journal),
  gone: Compile(recordSchemas.gone),
  worker: Compile(recordSchemas.worker),
} as const satisfies Record<TableName, { Check(value: unknown): boolean }>;

/**
 * A record as bytes: MessagePack of `{ version, record }`. Members whose names are numbers
 * (attempts, boots) are written under those names as text, and come back the same. A member called
 * `__proto__` would come back as `__proto_`: names of variables must exclude it.
 * @throws INTERNAL for a value that the table's schema refuses: found now, while the fault's author
 * is on the stack, and not at the next start as a record that nobody can read.
 */
export function encodeRecord<T extends TableName>(table: T, record: StoreTables[T]): Uint8Array {
  assert(validators[table].Check(record), `a record of the table ${table} breaks its own schema`);
  return packr.pack({ version: recordVersions[table], record });
}

/** The record in `bytes`, with the fields that this version does not know. Never throws. */
export function decodeRecord<T extends TableName>(table: T, bytes: Uint8Array): DecodedRecord<T> {
  const envelope = unpacked(bytes);
  if (!isEnvelope(envelope)) return { kind: "malformed" };
  const { version, record } = envelope;
  if (version > recordVersions[table]) return { kind: "newer", version };
  if (!isRecordOf(table, record)) return { kind: "malformed" };
  return { kind: "record", value: record };
}

function unpacked(bytes: Uint8Array): unknown {
  try {
    return unpackr.unpack(bytes);
  } catch {
    return undefined;
  }
}

interface Envelope {
  readonly version: number;
  readonly record: unknown;
}

function isEnvelope(value: unknown): value is Envelope {
  return (
    typeof value === "object" &&
    value !== null &&
    "version" in value &&
    Number.isInteger(value.version) &&
    "record" in value
  );
}

function isRecordOf<T extends TableName>(table: T, record: unknown): record is StoreTables[T] {
  return validators[table].Check(record);
}
