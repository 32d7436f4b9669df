import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  openSync,
  read as readCallback,
} from "node:fs";
import { promisify } from "node:util";

import { limits } from "../../core/limits.ts";
import type { LogStream } from "../../ports/files.ts";
import { diskFault, isAbsence } from "./fault.ts";

const read = promisify(readCallback);

/** A task may put a link or a pipe in the place of its log: neither is followed or waited for. */
const openFlags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
const none = new Uint8Array();

/** The last line of a progress file with its number, and some room. */
const progressBytesMax = limits.progressNoteBytesMax * 4 + 64;

export function logPath(directory: string, stream: LogStream): string {
  return `${directory}/blanket.${stream}.log`;
}

/**
 * Size of a file, 0 where there is none. Synchronous: followers ask for it ten times a second, and
 * the call costs some 3 µs against 40 through the pool.
 */
export function sizeOf(path: string): number {
  try {
    const found = lstatSync(path, { throwIfNoEntry: false });
    return found?.isFile() === true ? found.size : 0;
  } catch (error) {
    if (isAbsence(error)) return 0;
    throw diskFault(error, path);
  }
}

/**
 * Up to `bytesMax` bytes from `offset`. The data comes through the pool, because a cold file may
 * take long and because a reader of a long log must let others have their turn.
 */
export async function readPart(
  path: string,
  offset: number,
  bytesMax: number,
): Promise<Uint8Array> {
  const fd = openFile(path);
  if (fd === undefined) return none;
  try {
    const there = fstatSync(fd);
    const length = there.isFile() ? Math.min(bytesMax, there.size - offset) : 0;
    if (length <= 0) return none;
    const buffer = new Uint8Array(length);
    const { bytesRead } = await read(fd, buffer, 0, length, offset);
    return buffer.subarray(0, bytesRead);
  } catch (error) {
    throw diskFault(error, path);
  } finally {
    closeSync(fd);
  }
}

function openFile(path: string): number | undefined {
  try {
    return openSync(path, openFlags);
  } catch (error) {
    if (isAbsence(error)) return undefined;
    throw diskFault(error, path);
  }
}

/** The last line of a task's progress file; most tasks have none, which costs one look. */
export async function readProgressLine(directory: string): Promise<string | undefined> {
  const path = `${directory}/blanket.progress`;
  const size = sizeOf(path);
  if (size === 0) return undefined;
  const bytes = await readPart(path, Math.max(0, size - progressBytesMax), progressBytesMax);
  const lines = new TextDecoder().decode(bytes).trim().split("\n");
  const last = lines.at(-1)?.trim() ?? "";
  return last === "" ? undefined : last;
}
