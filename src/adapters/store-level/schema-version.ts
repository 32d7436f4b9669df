import { decodeRecord, encodeRecord } from "../../contract/records.ts";
import { BlanketError } from "../../core/errors.ts";
import type { Database } from "./database.ts";
import { seal, unseal } from "./envelope.ts";
import { isTableKey, keyOf } from "./keys.ts";

/** Of the layout as a whole: prefixes, envelope, and how this very number is stored. */
const schemaVersion = 1;

const schemaKey = keyOf("meta", "schema");
const corruptedKey = keyOf("meta", "corrupted");

/** What an opened database says of itself; `lost` where its first record, the schema's, is gone. */
type SchemaFinding = "fresh" | "known" | "lost";

/**
 * Reads the number of the layout and writes it into an empty database.
 * @throws STORE_NEWER, STORE_UNREADABLE
 */
export async function checkSchemaVersion(
  database: Database,
  directory: string,
): Promise<SchemaFinding> {
  const found = await readSchemaVersion(database, directory);
  if (found === schemaVersion) return "known";
  const first = await firstKey(database);
  if (first !== undefined && !isTableKey(first)) throw foreign(directory);
  await putMeta(database, schemaKey, schemaVersion);
  return first === undefined ? "fresh" : "lost";
}

/** Whether an earlier opening found that synced records were lost. */
export async function isMarkedCorrupted(database: Database): Promise<boolean> {
  return (await database.get(corruptedKey)) !== undefined;
}

export async function markCorrupted(database: Database): Promise<void> {
  await putMeta(database, corruptedKey, 1);
}

/** Undefined where the record is missing or damaged. @throws STORE_NEWER */
async function readSchemaVersion(
  database: Database,
  directory: string,
): Promise<string | number | undefined> {
  const sealed = await database.get(schemaKey);
  const payload = sealed === undefined ? undefined : unseal(schemaKey, sealed);
  if (payload === undefined) return undefined;
  const decoded = decodeRecord("meta", payload);
  if (decoded.kind === "newer") throw newer(directory, "later than that");
  if (decoded.kind === "malformed") return undefined;
  if (Number(decoded.value) > schemaVersion) throw newer(directory, decoded.value);
  return decoded.value;
}

async function putMeta(database: Database, key: string, value: number): Promise<void> {
  const put = { type: "put", key, value: seal(key, encodeRecord("meta", value)) } as const;
  await database.batch([put], { sync: true });
}

async function firstKey(database: Database): Promise<string | undefined> {
  const iterator = database.iterator({ limit: 1, highWaterMarkBytes: 0 });
  try {
    const [entry] = await iterator.nextv(1);
    return entry?.[0];
  } finally {
    await iterator.close();
  }
}

function newer(directory: string, found: string | number): BlanketError {
  return new BlanketError(
    "STORE_NEWER",
    `The database in ${directory} was written by a newer Blanket (this one knows layout ${schemaVersion}, there it is ${found}); start that version, or name another --data directory.`,
    { directory, found, known: schemaVersion },
  );
}

function foreign(directory: string): BlanketError {
  return new BlanketError(
    "STORE_UNREADABLE",
    `The database in ${directory} was not made by Blanket; name another --data directory.`,
    { directory, errno: null },
  );
}
