import { constants } from "node:fs";
import { access, mkdir } from "node:fs/promises";
import { dirname } from "node:path";

import { BlanketError } from "../core/errors.ts";

/**
 * Makes the data directory, readable by its owner alone: it holds the node's key and what tasks
 * were given. @throws STORE_UNREADABLE where it can't be made or used.
 */
export async function makeDataDirectory(path: string): Promise<void> {
  try {
    await makeDirectory(path);
    // The dot tells a directory from a file.
    await access(`${path}/.`, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "error";
    throw new BlanketError(
      "STORE_UNREADABLE",
      `the data directory ${path} can't be used: ${adviceOf[code] ?? `it fails with ${code}`}; name another with --data.`,
      { path, code },
      error,
    );
  }
}

/** One try at each level: under /proc, `mkdir` with `recursive` tries for ever. */
async function makeDirectory(path: string): Promise<void> {
  try {
    await mkdir(path, { mode: 0o700 });
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (code === "EEXIST") return;
    if (code !== "ENOENT" || dirname(path) === path) throw error;
    await makeDirectory(dirname(path));
    await mkdir(path, { mode: 0o700 });
  }
}

const denied = "this user may not write there";
const inTheWay = "a file is in the way";

const adviceOf: Readonly<Record<string, string>> = {
  EACCES: denied,
  EPERM: denied,
  EEXIST: inTheWay,
  ENOTDIR: inTheWay,
  EROFS: "its disk is read-only",
  ENOSPC: "its disk is full",
  ENOENT: "it can't be made there",
};
