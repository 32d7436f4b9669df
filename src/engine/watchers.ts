import type { TaskId } from "../core/ids.ts";
import type { TaskRecord } from "../core/task/record.ts";

/** Who wants to know of each new record of a task. */
export interface Watchers {
  /** Calls back at each new record until the returned function is called. */
  watch(id: TaskId, seen: (record: TaskRecord) => void): () => void;
  tell(record: TaskRecord): void;
  /** Tells what `fetch` gives of each task that is watched. */
  tellAgain(fetch: (id: TaskId) => Promise<TaskRecord | undefined>): Promise<void>;
}

export function createWatchers(): Watchers {
  const watchers = new Map<TaskId, Set<(record: TaskRecord) => void>>();

  function tell(record: TaskRecord): void {
    for (const seen of watchers.get(record.id) ?? []) seen(record);
  }

  return {
    watch(id, seen) {
      const set = watchers.get(id) ?? new Set();
      watchers.set(id, set.add(seen));
      return () => {
        set.delete(seen);
        if (set.size === 0) watchers.delete(id);
      };
    },
    tell,
    async tellAgain(fetch) {
      for (const id of watchers.keys()) {
        const record = await fetch(id);
        if (record !== undefined) tell(record);
      }
    },
  };
}
