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
  { clock, files }: EnginePorts,
  running: () => readonly TaskId[],
): ProgressBoard {
  const told = new Map<TaskId, Progress>();
  let cancel: (() => void) | undefined;

  async function read(): Promise<void> {
    for (const id of running()) {
      const line = await files.readProgress(id);
      const progress = line === undefined ? undefined : parseProgress(line);
      if (progress !== undefined) told.set(id, progress);
    }
    cancel = undefined;
    if (running().length > 0) wake();
  }

  function wake(): void {
    cancel ??= clock.after(readEveryMs, () => void read());
  }

  return {
    get: (id) => told.get(id),
    set: (id, progress) => told.set(id, progress),
    forget: (id) => told.delete(id),
    wake,
    clear() {
      told.clear();
      cancel?.();
      cancel = undefined;
    },
  };
}

/** `40 half way`: a number from 0 to 100, and a note. */
function parseProgress(line: string): Progress | undefined {
  const match = /^\s*(\d{1,3}(?:\.\d+)?)\s*%?\s*(.*)$/.exec(line);
  const percent = Number(match?.[1]);
  if (match === null || !(percent <= 100)) return undefined;
  const note = (match[2] ?? "").slice(0, limits.progressNoteBytesMax);
  return { percent, note: note === "" ? null : note };
}
