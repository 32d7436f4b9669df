import { resolve } from "node:path";
import { pathToFileURL } from "node:url";

import { BlanketError } from "../../core/errors.ts";

/** One operation of a batch, as abstract-level takes it. */
export type DatabaseOperation =
  | { readonly type: "put"; readonly key: string; readonly value: Uint8Array }
  | { readonly type: "del"; readonly key: string };

export interface DatabaseIterator {
  /** Up to `size` entries; none at the end. */
  nextv(size: number): Promise<[string, Uint8Array][]>;
  close(): Promise<void>;
}

/** The part of an abstract-level database that the store needs; text keys, binary values. */
export interface Database {
  /** Where it is on disk; absent in a database that lives in memory or elsewhere. */
  readonly location?: string;
  open(): Promise<void>;
  close(): Promise<void>;
  get(key: string): Promise<Uint8Array | undefined>;
  getMany(keys: string[]): Promise<(Uint8Array | undefined)[]>;
  batch(operations: DatabaseOperation[], options: { readonly sync: boolean }): Promise<void>;
  iterator(options: DatabaseIteratorOptions): DatabaseIterator;
}

export interface DatabaseIteratorOptions {
  readonly gte?: string;
  readonly gt?: string;
  readonly lt?: string;
  /** -1 is all. */
  readonly limit: number;
  /** How much classic-level reads ahead of one `nextv`; others ignore it. */
  readonly highWaterMarkBytes: number;
}

type DatabaseConstructor = new (
  location: string,
  options: { readonly keyEncoding: "utf8"; readonly valueEncoding: "buffer" },
) => Database;

/**
 * What makes a database of the module `name`: `level`, another abstract-level package, or the
 * path of a module. Its class is the first export that looks like one; it is given
 * (location, options), which memory-level takes too. Open what it makes at once: abstract-level
 * opens by itself otherwise, in the next microtask.
 * @throws CONFIG_INVALID
 */
export async function loadDatabaseModule(name: string): Promise<(location: string) => Database> {
  const Constructor = databaseClassOf(await importModule(name));
  if (Constructor === undefined) {
    throw new BlanketError(
      "CONFIG_INVALID",
      `The store module ${name} exports no abstract-level database class; name one that does, or leave the setting out for level.`,
      { module: name },
    );
  }
  return (location) => new Constructor(location, { keyEncoding: "utf8", valueEncoding: "buffer" });
}

async function importModule(name: string): Promise<object> {
  try {
    // Written out, so that tools see which package is needed.
    if (name === "level") return await import("level");
    const isPath = name.startsWith(".") || name.startsWith("/");
    return (await import(isPath ? pathToFileURL(resolve(name)).href : name)) as object;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new BlanketError(
      "CONFIG_INVALID",
      `The store module ${name} can't be loaded (${reason}); install it beside Blanket or name it by its path.`,
      { module: name },
      error,
    );
  }
}

function databaseClassOf(exported: object): DatabaseConstructor | undefined {
  const candidates: unknown[] = [exported, ...Object.values(exported)];
  return candidates.find(isDatabaseClass);
}

function isDatabaseClass(candidate: unknown): candidate is DatabaseConstructor {
  if (typeof candidate !== "function") return false;
  const prototype: unknown = candidate.prototype;
  if (typeof prototype !== "object" || prototype === null) return false;
  return ["open", "close", "get", "getMany", "batch", "iterator"].every(
    (method) => method in prototype,
  );
}
