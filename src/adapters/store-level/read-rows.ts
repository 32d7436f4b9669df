import type { Availability } from "./availability.ts";
import type { Database } from "./database.ts";

/** What one trip to the thread pool reads, and so what is held at a time. */
const chunkRows = 1_000;
const chunkBytes = 256 * 1024;

interface RowBounds {
  readonly gte?: string;
  readonly gt?: string;
  readonly lt: string;
  /** -1 is all. */
  readonly limit: number;
}

type Rows = readonly (readonly [key: string, value: Uint8Array])[];

/**
 * The rows between two keys in order, in chunks, as they were at the first step.
 *
 * Where a block of a table can't be read, LevelDB skips to the next one, says so only at the end of
 * the iterator, and takes the last chunk with it. Then the rest is asked for row by row, so that
 * all that can be read is given, and it is noted that something is missing.
 * @throws STORE_UNAVAILABLE
 */
export async function* readRows(
  database: Database,
  bounds: RowBounds,
  availability: Availability,
): AsyncGenerator<Rows, void> {
  let lastKey: string | undefined;
  let given = 0;
  try {
    for await (const rows of readChunks(database, bounds, chunkRows)) {
      lastKey = rows.at(-1)?.[0];
      given += rows.length;
      yield rows;
    }
    return;
  } catch (error) {
    availability.noteCorruption(error);
  }
  const limit = bounds.limit < 0 ? -1 : bounds.limit - given;
  const rest = lastKey === undefined ? bounds : { gt: lastKey, lt: bounds.lt };
  try {
    yield* readChunks(database, { ...rest, limit }, 1);
  } catch (error) {
    availability.noteCorruption(error);
  }
}

async function* readChunks(
  database: Database,
  bounds: RowBounds,
  size: number,
): AsyncGenerator<Rows, void> {
  const iterator = database.iterator({ ...bounds, highWaterMarkBytes: chunkBytes });
  try {
    for (;;) {
      const rows = await iterator.nextv(size);
      if (rows.length === 0) return;
      yield rows;
    }
  } finally {
    await iterator.close();
  }
}
