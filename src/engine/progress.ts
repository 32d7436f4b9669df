import type { TaskId } from "../core/ids.ts";
import { limits } from "../core/limits.ts";
import type { Progress } from "../core/task/show.ts";
import type { EnginePorts } from "./deps.ts";

/** How far running tasks say they are: told over REST, or read from the file they write. */
export interface ProgressBoard {
  get(id: TaskId): Progress | undefined;
  set(id: TaskId, progress: Progress): void;
  forget(id: TaskId): void;
  /** Files are read while there are tasks to read from. */
  wake(): void;
  clear(): void;
}

/** How often the files of running tasks are read. */
const readEveryMs = 500;

/** `running` names the tasks whose files are worth a look. */
export function createProgressBoard(
  { clock, files, log }: EnginePorts,
  running: () => readonly TaskId[],
): ProgressBoard {
  const told = new Map<TaskId, Progress>();
  let cancel: (() => void) | undefined;
  /** While files are read: the tasks that ended meanwhile. */
  let endedMeanwhile: Set<TaskId> | undefined;

  async function readAll(): Promise<void> {
    cancel = undefined;
    const ended = new Set<TaskId>();
    endedMeanwhile = ended;
    for (const id of running()) {
      const progress = await read(id);
      // Cleared in the middle: another look may be under way by now.
      if (endedMeanwhile !== ended) return;
      if (progress !== undefined && !ended.has(id)) told.set(id, progress);
    }
    endedMeanwhile = undefined;
    if (running().length > 0) wake();
  }

  async function read(id: TaskId): Promise<Progress | undefined> {
    try {
      const line = await files.readProgress(id);
      return line === undefined ? undefined : parseProgress(line);
    } catch (error) {
      log.debug("a progress file can't be read", { task: id, error });
      return undefined;
    }
  }

  function wake(): void {
    if (endedMeanwhile !== undefined) return;
    cancel ??= clock.after(readEveryMs, () => void readAll());
  }

  return {
    get: (id) => told.get(id),
    set: (id, progress) => told.set(id, progress),
    forget(id) {
      told.delete(id);
      endedMeanwhile?.add(id);
    },
    wake,
    clear() {
      told.clear();
      cancel?.();
      cancel = undefined;
      endedMeanwhile = undefined;
    },
  };
}

/** `40 half way`: a number from 0 to 100, and a note. */
function parseProgress(line: string): Progress | undefined {
  const match = /^\s*(\d{1,3}(?:\.\d+)?)(?:\s*%)?(?:\s+(.*))?$/.exec(line);
  const percent = Number(match?.[1]);
  if (match === null || !(percent <= 100)) return undefined;
  const note = (match[2] ?? "").slice(0, limits.progressNoteBytesMax);
  return { percent, note: note === "" ? null : note };
}
