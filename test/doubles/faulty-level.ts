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

export function endFaults(): void {
  faults.clear();
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
    return this.#inner.get(key);
  }

  async getMany(keys: string[]): Promise<(Uint8Array | undefined)[]> {
    await faults.get("getMany")?.();
    return this.#inner.getMany(keys);
  }

  async batch(operations: DatabaseOperation[]): Promise<void> {
    await faults.get("batch")?.();
    const copies = operations.map((operation) =>
      operation.type === "put" ? { ...operation, value: Buffer.from(operation.value) } : operation,
    );
    await this.#inner.batch(copies);
  }

  iterator(options: DatabaseIteratorOptions): DatabaseIterator {
    const iterator = this.#inner.iterator(options);
    return {
      async nextv(size) {
        await faults.get("nextv")?.();
        return iterator.nextv(size);
      },
      close: () => iterator.close(),
    };
  }
}
