import { MemoryLevel } from "memory-level";

import type {
  Database,
  DatabaseIterator,
  DatabaseIteratorOptions,
  DatabaseOperation,
} from "../../src/adapters/store-level/database.ts";

type Method = "open" | "close" | "get" | "getMany" | "batch" | "nextv";

/** An error as classic-level throws it: a code, and the C library's sentence. */
function levelError(code: string, sentence: string): Error {
  return Object.assign(new Error(sentence), { code });
}

export const diskFull = levelError(
  "LEVEL_IO_ERROR",
  "IO error: /data/store/000003.log: No space left on device",
);

export const blockUnreadable = levelError("LEVEL_CORRUPTION", "Corruption: bad entry in block");

/** What the methods of every database of this module do before their work: fail, or wait. */
const faults = new Map<Method, () => Promise<void>>();

/** From now on `method` fails with `error`; a batch waits for `after` before it does. */
export function setFault(method: Method, error: Error, after?: Promise<void>): void {
  faults.set(method, async () => {
    await after;
    throw error;
  });
}

/** From now on batches get to the disk, and fail all the same. */
export function failAfterBatch(error: Error): void {
  batchFault = error;
}

/** From now on a byte of the record under this key is another one, until it is written anew. */
export function damage(databaseKey: string): void {
  damaged.add(databaseKey);
}

let batchFault: Error | undefined;
const damaged = new Set<string>();

export function endFaults(): void {
  faults.clear();
  damaged.clear();
  batchFault = undefined;
}

function asRead(key: string, value: Uint8Array): Uint8Array {
  if (!damaged.has(key)) return value;
  const other = Uint8Array.from(value);
  other[other.length - 1] = (other.at(-1) ?? 0) ^ 1;
  return other;
}

/** A database in memory that fails when told to, for the store to load as a module of its own. */
export class FaultyLevel implements Database {
  readonly #inner: MemoryLevel<string, Buffer>;

  constructor(_location: string, options: { keyEncoding: "utf8"; valueEncoding: "buffer" }) {
    this.#inner = new MemoryLevel(options);
  }

  async open(): Promise<void> {
    await faults.get("open")?.();
    await this.#inner.open();
  }

  async close(): Promise<void> {
    await faults.get("close")?.();
    await this.#inner.close();
  }

  async get(key: string): Promise<Uint8Array | undefined> {
    await faults.get("get")?.();
    const value = await this.#inner.get(key);
    return value === undefined ? undefined : asRead(key, value);
  }

  async getMany(keys: string[]): Promise<(Uint8Array | undefined)[]> {
    await faults.get("getMany")?.();
    const values = await this.#inner.getMany(keys);
    return values.map((value, index) =>
      value === undefined ? undefined : asRead(keys[index] ?? "", value),
    );
  }

  async batch(operations: DatabaseOperation[]): Promise<void> {
    await faults.get("batch")?.();
    const copies = operations.map((operation) =>
      operation.type === "put" ? { ...operation, value: Buffer.from(operation.value) } : operation,
    );
    for (const { key } of operations) damaged.delete(key);
    await this.#inner.batch(copies);
    if (batchFault !== undefined) throw batchFault;
  }

  iterator(options: DatabaseIteratorOptions): DatabaseIterator {
    const iterator = this.#inner.iterator(options);
    return {
      async nextv(size) {
        await faults.get("nextv")?.();
        const rows = await iterator.nextv(size);
        return rows.map(([key, value]): [string, Uint8Array] => [key, asRead(key, value)]);
      },
      close: () => iterator.close(),
    };
  }
}
