import { closeSync, constants, fstatSync, openSync, readSync, statSync } from "node:fs";

import { limits } from "../../core/limits.ts";
import { errorCode, unreadableMessage } from "./file-errors.ts";

/** What changes whenever a file's content may have changed. */
export type Stamp =
  | { readonly kind: "stamp"; readonly text: string; readonly changedAt: number }
  | { readonly kind: "unreadable"; readonly message: string }
  | { readonly kind: "absent" };

/** One look at a file without opening it. */
export function stampOf(path: string): Stamp {
  try {
    const stats = statSync(path, { bigint: true, throwIfNoEntry: false });
    if (stats === undefined) return { kind: "absent" };
    const { dev, ino, size, mode, mtimeNs, ctimeNs, ctimeMs } = stats;
    const text = [dev, ino, size, mode, mtimeNs, ctimeNs].join(" ");
    return { kind: "stamp", text, changedAt: Number(ctimeMs) };
  } catch (error) {
    return absentOrUnreadable(error);
  }
}

/** What opening a type file gave. */
export type TypeFile =
  | { readonly kind: "bytes"; readonly bytes: Uint8Array }
  | { readonly kind: "unreadable"; readonly message: string }
  | { readonly kind: "absent" };

/** Reads a type file that may be anything, may change and may vanish while it is looked at. */
export function readTypeFile(path: string): TypeFile {
  let descriptor: number | undefined;
  try {
    // Without O_NONBLOCK, opening a named pipe would wait for a writer.
    descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    if (fstatSync(descriptor).isFile()) return readBounded(descriptor);
    return { kind: "unreadable", message: "it is not a regular file: put a TOML file here." };
  } catch (error) {
    return absentOrUnreadable(error);
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}

function readBounded(descriptor: number): TypeFile {
  const buffer = new Uint8Array(limits.typeFileBytesMax + 1);
  let size = 0;
  while (size < buffer.length) {
    const read = readSync(descriptor, buffer, size, buffer.length - size, size);
    if (read === 0) return { kind: "bytes", bytes: buffer.slice(0, size) };
    size += read;
  }
  const message = `it is larger than ${limits.typeFileBytesMax / 1024} KiB: put long commands into scripts and name them in files_to_include.`;
  return { kind: "unreadable", message };
}

function absentOrUnreadable(error: unknown): Exclude<TypeFile, { kind: "bytes" }> {
  const code = errorCode(error);
  if (code === "ENOENT" || code === "ENOTDIR") return { kind: "absent" };
  return { kind: "unreadable", message: unreadableMessage(code) };
}
