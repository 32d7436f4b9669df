import { join } from "node:path";

import type { Clock } from "../../ports/clock.ts";
import type { DirectoryPlan, Files } from "../../ports/files.ts";
import type { Log } from "../../ports/log.ts";
import { createBlobs } from "./blobs.ts";
import { diskFault } from "./fault.ts";
import { logPath, readPart, readProgressLine, sizeOf } from "./logs.ts";
import { openResult } from "./open-result.ts";
import { placeFiles } from "./place-files.ts";
import { createTaskDirectories } from "./task-directories.ts";

/**
 * Files on the local disk: `blobs/` holds uploads, `results/` the directories in which tasks run,
 * `attempts/` the number of the present attempt where it is not the first.
 */
export function createDiskFiles(
  { log, clock }: { readonly log: Log; readonly clock: Clock },
  { dataDirectory }: { readonly dataDirectory: string },
): Files {
  const blobs = createBlobs({ log, clock }, join(dataDirectory, "blobs"));
  const directories = createTaskDirectories(dataDirectory);

  async function fill(plan: DirectoryPlan, isNew: boolean): Promise<void> {
    const path = directories.pathOf(plan.id);
    try {
      if (!isNew) {
        log.debug("the directory of an attempt that never started is made anew", { task: plan.id });
        await directories.remake(plan.id);
      }
      await placeFiles(path, plan, blobs.pathOf);
    } catch (error) {
      throw diskFault(error, path);
    }
  }

  return {
    storeBlob: blobs.store,
    pruneBlobs: blobs.prune,
    directoryOf: directories.pathOf,
    async prepare(plan) {
      const isNew = await directories.make(plan.id, plan.attempt);
      if (isNew && plan.files.length === 0 && plan.include.length === 0) return;
      await fill(plan, isNew);
    },
    remove: directories.remove,
    open: async (id, path, attempt) => openResult(directories.pathOf(id, attempt), path),
    logSize: async (id, stream, attempt) =>
      sizeOf(logPath(directories.pathOf(id, attempt), stream)),
    readLog: async (id, stream, offset, bytesMax, attempt) =>
      readPart(logPath(directories.pathOf(id, attempt), stream), offset, bytesMax),
    readProgress: (id) => readProgressLine(directories.pathOf(id)),
  };
}
