import { realpath } from "node:fs/promises";
import { resolve } from "node:path";

import { BlanketError } from "../../core/errors.ts";
import type { Log } from "../../ports/log.ts";
import type { Store } from "../../ports/store.ts";
import { loadDatabaseModule, type Database } from "./database.ts";
import { readDroppedRecords } from "./dropped-records.ts";
import { lockedFailure, openFailure } from "./failure.ts";
import { createLevelStore, type LevelStoreDeps } from "./level-store.ts";
import { checkSchemaVersion, isMarkedCorrupted, markCorrupted } from "./schema-version.ts";

export interface LevelStoreOptions {
  /** Of the database itself; made if missing. */
  readonly directory: string;
  /** `level`, the name of another abstract-level package, or the path of a module. */
  readonly module: string;
}

/**
 * Directories that stores of this process have. LevelDB's lock on a file does not hold against its
 * own process: an attempt to open it a second time fails, and on the way sets it free for others.
 */
const taken = new Set<string>();

/**
 * Opens the durable store of one node.
 * @throws STORE_LOCKED, STORE_NEWER, STORE_UNREADABLE, CONFIG_INVALID
 */
export async function openLevelStore(
  deps: LevelStoreDeps,
  { directory, module }: LevelStoreOptions,
): Promise<Store> {
  const makeDatabase = await loadDatabaseModule(module);
  const release = await takeDirectory(directory);
  try {
    const database = makeDatabase(directory);
    const open = () => openDatabase(deps.log, database, directory);
    const isCorrupted = await open();
    return createLevelStore(deps, {
      database,
      directory,
      driver: module,
      isCorrupted,
      open,
      release,
    });
  } catch (error) {
    release();
    throw error;
  }
}

async function takeDirectory(directory: string): Promise<() => void> {
  const path = await realpath(directory).catch(() => resolve(directory));
  if (taken.has(path)) throw lockedFailure(directory);
  taken.add(path);
  return () => taken.delete(path);
}

/** Whether synced records were lost, now or before. */
async function openDatabase(log: Log, database: Database, directory: string): Promise<boolean> {
  try {
    await database.open();
    return await inspect(log, database, directory);
  } catch (error) {
    await database.close().catch(() => undefined);
    throw error instanceof BlanketError ? error : openFailure(directory, error);
  }
}

async function inspect(log: Log, database: Database, directory: string): Promise<boolean> {
  const schema = await checkSchemaVersion(database, directory);
  const { location } = database;
  const dropped = location === undefined ? [] : await readDroppedRecords(location);
  if (schema !== "lost" && dropped.length === 0) return isMarkedCorrupted(database);
  log.error("the database lost synced records", { directory, dropped: dropped.slice(0, 10) });
  await markCorrupted(database);
  return true;
}
