import { constants } from "node:fs";
import { access, mkdir } from "node:fs/promises";

import { BlanketError } from "../core/errors.ts";

/**
 * Makes the data directory, readable by its owner alone: it holds the node's key and what tasks
 * were given. @throws STORE_UNREADABLE where it can't be made or used.
 */
export async function makeDataDirectory(path: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true, mode: 0o700 });
    await access(path, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "error";
    throw new BlanketError(
      "STORE_UNREADABLE",
      `the data directory ${path} can't be used (${code}); make it writable for this user, or name another with --data.`,
      { path, code },
      error,
    );
  }
}
