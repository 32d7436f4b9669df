import {
  existsSync,
  mkdir,
  mkdirSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { promisify } from "node:util";

import { assert } from "../../core/errors.ts";
import type { TaskId } from "../../core/ids.ts";
import { diskFault, errnoOf } from "./fault.ts";
import { removeTree } from "./remove-tree.ts";

/**
 * Where tasks run: `results/<id>` for the present attempt, `results/<id>@<n>` for earlier ones.
 * Which attempt is the present one stands in `attempts/<id>`, a symbolic link whose text is the
 * number: it is made in one step and has no content that a power cut could lose. Without it, the
 * first is.
 */
export interface TaskDirectories {
  pathOf(id: TaskId, attempt?: number): string;
  /**
   * Makes an empty directory for an attempt. False where one of this very attempt is there, from
   * before a crash.
   */
  make(id: TaskId, attempt: number): Promise<boolean>;
  /** Makes the directory anew; only for an attempt that was never started. */
  remake(id: TaskId): Promise<void>;
  remove(id: TaskId): Promise<void>;
}

export function createTaskDirectories(dataDirectory: string): TaskDirectories {
  const results = join(dataDirectory, "results");
  const attempts = join(dataDirectory, "attempts");

  const presentPath = (id: TaskId): string => `${results}/${id}`;
  const earlierPath = (id: TaskId, attempt: number): string => `${results}/${id}@${attempt}`;

  function presentAttempt(id: TaskId): number {
    try {
      return Number(readlinkSync(join(attempts, id)));
    } catch (error) {
      if (errnoOf(error) === "ENOENT") return 1;
      throw diskFault(error, attempts);
    }
  }

  /** Moves what an earlier attempt left, then says whose directory comes next: in this order. */
  function makeRoom(id: TaskId, attempt: number): void {
    const present = presentAttempt(id);
    assert(present <= attempt, `${id} has come to attempt ${present} before ${attempt}`);
    if (present === attempt) return;
    const path = presentPath(id);
    if (existsSync(path)) renameSync(path, earlierPath(id, present));
    const mark = join(attempts, id);
    mkdirSync(attempts, { recursive: true });
    rmSync(`${mark}.new`, { force: true });
    symlinkSync(String(attempt), `${mark}.new`);
    renameSync(`${mark}.new`, mark);
  }

  return {
    pathOf(id, attempt) {
      if (attempt === undefined || attempt === presentAttempt(id)) return presentPath(id);
      return earlierPath(id, attempt);
    },
    async make(id, attempt) {
      const path = presentPath(id);
      try {
        if (attempt > 1) makeRoom(id, attempt);
        return await makeNew(path);
      } catch (error) {
        throw diskFault(error, path);
      }
    },
    async remake(id) {
      await removeTree(presentPath(id));
      await makeNew(presentPath(id));
    },
    async remove(id) {
      const present = presentAttempt(id);
      await removeTree(presentPath(id));
      for (let attempt = 1; attempt < present; attempt += 1) {
        await removeTree(earlierPath(id, attempt));
      }
      if (present > 1) rmSync(join(attempts, id), { force: true });
    },
  };
}

/**
 * In a thread of its own: beside a synced write a file system lets even a `mkdir` wait, and the
 * loop must not wait with it.
 */
async function makeNew(path: string): Promise<boolean> {
  try {
    await make(path);
    return true;
  } catch (error) {
    if (errnoOf(error) === "EEXIST") return false;
    if (errnoOf(error) !== "ENOENT") throw error;
    mkdirSync(dirname(path), { recursive: true });
    return makeNew(path);
  }
}

const make = promisify(mkdir);
