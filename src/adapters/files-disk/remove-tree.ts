import { chmod, lstat, readdir, rm } from "node:fs/promises";
import { join } from "node:path";

import { diskFault, errnoOf } from "./fault.ts";

/**
 * Deletes a directory with all that is below it, or a file, or nothing. Directories that a task
 * left read-only (as Go's module cache is) are made writable first where they are in the way.
 */
export async function removeTree(path: string): Promise<void> {
  try {
    await removeOnce(path);
  } catch (error) {
    if (errnoOf(error) !== "EACCES") throw diskFault(error, path);
    await unlock(path);
    await removeOnce(path).catch((second: unknown) => {
      throw diskFault(second, path);
    });
  }
}

/** A task's last process may still write there: such a directory is tried a few times. */
function removeOnce(path: string): Promise<void> {
  return rm(path, { recursive: true, force: true, maxRetries: 3, retryDelay: 50 });
}

async function unlock(path: string): Promise<void> {
  const found = await lstat(path).catch(() => undefined);
  if (found === undefined || !found.isDirectory()) return;
  try {
    await chmod(path, 0o700);
    for (const name of await readdir(path)) await unlock(join(path, name));
  } catch {
    // What stays locked is told by the second removal, with its own error.
  }
}
