import type { TaskId } from "../ids.ts";
import { createSortedList, type SortedList } from "../sorted-list.ts";
import { needsKey, type Needs } from "./eligible.ts";

/** A claimable task in the order in which it is picked. */
export interface WaitingTask {
  readonly id: TaskId;
  readonly priority: number;
  /** Unix milliseconds. */
  readonly createdAt: number;
  readonly needs: Needs;
}

/**
 * The claimable tasks, one line for each distinct need, so that a pick looks at the head of each
 * line and never at the thousands behind it.
 */
export interface WaitingLines {
  add(task: WaitingTask): void;
  /** Whether it was waiting. */
  remove(task: WaitingTask): boolean;
  /** The first task, by priority and then age, of the lines whose needs `accepts`. */
  first(accepts: (needs: Needs) => boolean): WaitingTask | undefined;
  size(): number;
  /** How many wait with these needs. */
  sizeOf(needs: Needs): number;
  clear(): void;
}

/** Higher priority first, then the older, then the lower id: a total order. */
export function comparePick(a: WaitingTask, b: WaitingTask): number {
  if (a.priority !== b.priority) return b.priority - a.priority;
  if (a.createdAt !== b.createdAt) return a.createdAt - b.createdAt;
  if (a.id === b.id) return 0;
  return a.id < b.id ? -1 : 1;
}

/** No tasks waiting. */
export function createWaitingLines(): WaitingLines {
  const lines = new Map<
    string,
    { readonly needs: Needs; readonly list: SortedList<WaitingTask> }
  >();
  let size = 0;

  return {
    add(task) {
      const key = needsKey(task.needs);
      let line = lines.get(key);
      if (line === undefined) {
        line = { needs: task.needs, list: createSortedList(comparePick) };
        lines.set(key, line);
      }
      line.list.insert(task);
      size += 1;
    },
    remove(task) {
      const key = needsKey(task.needs);
      const line = lines.get(key);
      if (line === undefined || !line.list.remove(task)) return false;
      if (line.list.items.length === 0) lines.delete(key);
      size -= 1;
      return true;
    },
    first(accepts) {
      let best: WaitingTask | undefined;
      for (const { needs, list } of lines.values()) {
        const head = list.items[0];
        if (head === undefined || (best !== undefined && comparePick(best, head) < 0)) continue;
        if (accepts(needs)) best = head;
      }
      return best;
    },
    size: () => size,
    sizeOf: (needs) => lines.get(needsKey(needs))?.list.items.length ?? 0,
    clear() {
      lines.clear();
      size = 0;
    },
  };
}
