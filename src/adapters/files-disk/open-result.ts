import { constants, type BigIntStats, type Stats } from "node:fs";
import { lstat, open, opendir, readlink, realpath, stat, type FileHandle } from "node:fs/promises";
import { basename, dirname, join } from "node:path";

import { BlanketError } from "../../core/errors.ts";
import { limits } from "../../core/limits.ts";
import type { DirectoryEntry, ResultNode } from "../../ports/files.ts";
import { diskFault, isAbsence } from "./fault.ts";

/** One read of a result file. */
const chunkBytes = 256 * 1024;
/** Entries of a listing that are looked at side by side. */
const looksAtOnce = 64;
/** Never through a link in the last part, and never waiting for the writer of a pipe. */
const openFlags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/**
 * What is at `path` below `directory`. Links are followed as long as they stay in the directory:
 * the path is resolved first, and what was opened is checked again, because a task can exchange a
 * directory for a link at any moment, its own one included.
 */
export async function openResult(directory: string, path: string): Promise<ResultNode | undefined> {
  if (path.includes("\0") || path.startsWith("/") || path.split("/").includes(".."))
    return undefined;
  try {
    const root = join(await realpath(dirname(directory)), basename(directory));
    const target = await realpath(join(root, path));
    if (!isWithin(root, target)) return undefined;
    const handle = await open(target, openFlags);
    try {
      return (await isStillWithin(root, handle)) ? await describe(root, target, handle) : undefined;
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (isAbsence(error)) return undefined;
    throw diskFault(error, directory);
  }
}

function isWithin(root: string, target: string): boolean {
  return target === root || target.startsWith(`${root}/`);
}

/** Where there is no /proc, the resolved path that was opened has to do. */
async function isStillWithin(root: string, handle: FileHandle): Promise<boolean> {
  const target = await readlink(`/proc/self/fd/${handle.fd}`).catch(() => undefined);
  return target === undefined || isWithin(root, target);
}

async function describe(
  root: string,
  target: string,
  handle: FileHandle,
): Promise<ResultNode | undefined> {
  const found = await handle.stat({ bigint: true });
  if (found.isDirectory()) return await listing(root, target);
  if (!found.isFile()) return undefined;
  const sizeBytes = Number(found.size);
  const modifiedAt = Number(found.mtimeMs);
  const read = (start = 0) => readFrom({ root, target, found }, start, sizeBytes);
  return { kind: "file", sizeBytes, modifiedAt, read };
}

interface Opened {
  readonly root: string;
  readonly target: string;
  readonly found: BigIntStats;
}

/**
 * Opens the file again, since a node that nobody reads must hold nothing open, and makes sure that
 * it is the same one.
 */
async function* readFrom(
  { root, target, found }: Opened,
  start: number,
  end: number,
): AsyncGenerator<Uint8Array> {
  const handle = await open(target, openFlags).catch((error: unknown) => {
    throw changed(target, error);
  });
  try {
    const now = await handle.stat({ bigint: true });
    const isSame = now.ino === found.ino && now.dev === found.dev;
    if (!isSame || !(await isStillWithin(root, handle))) throw changed(target);
    for (let offset = start; offset < end;) {
      const buffer = new Uint8Array(Math.min(chunkBytes, end - offset));
      const { bytesRead } = await handle.read(buffer, 0, buffer.length, offset);
      if (bytesRead === 0) throw changed(target);
      offset += bytesRead;
      yield bytesRead === buffer.length ? buffer : buffer.subarray(0, bytesRead);
    }
  } catch (error) {
    throw diskFault(error, target);
  } finally {
    await handle.close();
  }
}

function changed(path: string, cause?: unknown): BlanketError {
  return new BlanketError(
    "FILE_UNKNOWN",
    `${path} was changed while it was being read; ask for it again.`,
    { path },
    cause,
  );
}

async function listing(root: string, directory: string): Promise<ResultNode> {
  const names: string[] = [];
  let isCut = false;
  for await (const { name } of await opendir(directory)) {
    isCut = names.length >= limits.resultEntriesMax;
    if (isCut) break;
    names.push(name);
  }
  names.sort();
  const entries: DirectoryEntry[] = [];
  for (let next = 0; next < names.length; next += looksAtOnce) {
    const group = names.slice(next, next + looksAtOnce);
    const looked = await Promise.all(group.map((name) => entryAt(root, directory, name)));
    for (const entry of looked) if (entry !== undefined) entries.push(entry);
  }
  return { kind: "directory", entries, ...(isCut ? { isCut } : {}) };
}

/** Undefined for what `openResult` would not open either. */
async function entryAt(
  root: string,
  directory: string,
  name: string,
): Promise<DirectoryEntry | undefined> {
  const path = join(directory, name);
  try {
    const own = await lstat(path);
    const found = own.isSymbolicLink() ? await behindLink(root, path) : own;
    const kind = kindOf(found);
    if (found === undefined || kind === undefined) return undefined;
    const sizeBytes = kind === "file" ? found.size : 0;
    return { name, kind, sizeBytes, modifiedAt: Math.trunc(found.mtimeMs) };
  } catch (error) {
    if (isAbsence(error)) return undefined;
    throw error;
  }
}

async function behindLink(root: string, path: string): Promise<Stats | undefined> {
  const target = await realpath(path);
  return isWithin(root, target) ? await stat(target) : undefined;
}

function kindOf(found: Stats | undefined): DirectoryEntry["kind"] | undefined {
  if (found?.isFile() === true) return "file";
  return found?.isDirectory() === true ? "directory" : undefined;
}
