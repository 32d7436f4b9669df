import { createHash, randomUUID } from "node:crypto";
import { unlinkSync } from "node:fs";
import { mkdir, open, readdir, rename, rm, stat, type FileHandle } from "node:fs/promises";
import { dirname, join } from "node:path";

import { BlanketError } from "../../core/errors.ts";
import type { Clock } from "../../ports/clock.ts";
import type { StoredBlob } from "../../ports/files.ts";
import type { Log } from "../../ports/log.ts";
import { diskFault, errnoOf } from "./fault.ts";

/** Uploads on disk under their hash: `<2 hex>/<sha256>`, and `incoming/` while they come in. */
export interface Blobs {
  pathOf(sha256: string): string;
  store(chunks: AsyncIterable<Uint8Array>, bytesMax: number): Promise<StoredBlob>;
  prune(isNeeded: (sha256: string) => boolean): Promise<void>;
}

/** How long an upload waits for the submission that names it. */
const graceMs = 3_600_000;
const blobName = /^[0-9a-f]{64}$/;

export function createBlobs(
  { log, clock }: { readonly log: Log; readonly clock: Clock },
  directory: string,
): Blobs {
  const incoming = join(directory, "incoming");
  /** Blobs stored by this process with the monotonic time: no jump of the wall clock ages them. */
  const recent = new Map<string, number>();

  function pathOf(sha256: string): string {
    return join(directory, sha256.slice(0, 2), sha256);
  }

  async function store(chunks: AsyncIterable<Uint8Array>, bytesMax: number): Promise<StoredBlob> {
    const path = join(incoming, randomUUID());
    const handle = await guarded(incoming, () => openNew(path));
    try {
      const stored = await receive(handle, path, chunks, bytesMax);
      await guarded(path, () => handle.datasync());
      recent.set(stored.sha256, clock.monotonic());
      await guarded(directory, () => moveIn(path, pathOf(stored.sha256)));
      return stored;
    } finally {
      await handle.close();
      await rm(path, { force: true }).catch((error: unknown) => warn(path, error));
    }
  }

  async function prune(isNeeded: (sha256: string) => boolean): Promise<void> {
    for (const [sha256, storedAt] of recent) {
      if (clock.monotonic() - storedAt > graceMs) recent.delete(sha256);
    }
    for (const name of await namesIn(directory)) {
      const below = join(directory, name);
      for (const file of await namesIn(below)) {
        if (blobName.test(file) && (recent.has(file) || isNeeded(file))) continue;
        if (await isOld(join(below, file))) discard(below, file);
      }
    }
  }

  async function isOld(path: string): Promise<boolean> {
    const found = await stat(path).catch(() => undefined);
    return found !== undefined && found.isFile() && clock.now() - found.mtimeMs > graceMs;
  }

  /** In one turn with the look at `recent`: the same content may have come in again meanwhile. */
  function discard(below: string, file: string): void {
    if (recent.has(file)) return;
    try {
      unlinkSync(join(below, file));
    } catch (error) {
      warn(join(below, file), error);
    }
  }

  function warn(path: string, error: unknown): void {
    log.warn("an upload that nobody needs could not be deleted", { path, errno: errnoOf(error) });
  }

  return { pathOf, store, prune };
}

async function receive(
  handle: FileHandle,
  path: string,
  chunks: AsyncIterable<Uint8Array>,
  bytesMax: number,
): Promise<StoredBlob> {
  const hash = createHash("sha256");
  let sizeBytes = 0;
  for await (const chunk of chunks) {
    sizeBytes += chunk.length;
    if (sizeBytes > bytesMax) {
      throw new BlanketError(
        "UPLOAD_TOO_LARGE",
        `an uploaded file has at most ${bytesMax} bytes; put larger content where tasks can fetch it.`,
        { bytesMax },
      );
    }
    hash.update(chunk);
    await guarded(path, () => writeAll(handle, chunk));
  }
  return { sha256: hash.digest("hex"), sizeBytes };
}

async function writeAll(handle: FileHandle, chunk: Uint8Array): Promise<void> {
  for (let done = 0; done < chunk.length;) {
    const { bytesWritten } = await handle.write(chunk, done);
    done += bytesWritten;
  }
}

async function openNew(path: string): Promise<FileHandle> {
  try {
    return await open(path, "wx");
  } catch (error) {
    if (errnoOf(error) !== "ENOENT") throw error;
    await mkdir(dirname(path), { recursive: true });
    return await open(path, "wx");
  }
}

/**
 * Puts a synced file under its final name, for good. Content that is there already is replaced by
 * itself, which makes it young again without a gap in which it could be pruned.
 */
async function moveIn(from: string, to: string): Promise<void> {
  const made = await mkdir(dirname(to), { recursive: true });
  await rename(from, to);
  await syncDirectory(dirname(to));
  if (made !== undefined) await syncDirectory(dirname(made));
}

async function syncDirectory(path: string): Promise<void> {
  const handle = await open(path, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function namesIn(path: string): Promise<readonly string[]> {
  try {
    return await readdir(path);
  } catch (error) {
    if (errnoOf(error) === "ENOENT" || errnoOf(error) === "ENOTDIR") return [];
    throw diskFault(error, path);
  }
}

async function guarded<T>(path: string, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    throw diskFault(error, path);
  }
}
