import type { TaskId } from "../core/ids.ts";

/** Ids findable by how they begin. */
export interface PrefixIndex {
  add(id: TaskId): void;
  remove(id: TaskId): void;
  /** Ids that begin so, `limit` at most. */
  find(prefix: string, limit: number): readonly TaskId[];
  clear(): void;
}

/** 4,096 drawers: some 25 ids in each where there are 100,000. */
const drawerDigits = 3;

export function createPrefixIndex(): PrefixIndex {
  const drawers = new Map<string, TaskId[]>();
  return {
    add(id) {
      const key = id.slice(0, drawerDigits);
      const ids = drawers.get(key);
      if (ids === undefined) drawers.set(key, [id]);
      else ids.push(id);
    },
    remove(id) {
      const ids = drawers.get(id.slice(0, drawerDigits)) ?? [];
      const index = ids.indexOf(id);
      if (index >= 0) ids.splice(index, 1);
    },
    find(prefix, limit) {
      const found: TaskId[] = [];
      for (const ids of candidates(drawers, prefix)) {
        for (const id of ids) {
          if (id.startsWith(prefix)) found.push(id);
          if (found.length >= limit) return found;
        }
      }
      return found;
    },
    clear: () => drawers.clear(),
  };
}

function* candidates(
  drawers: ReadonlyMap<string, readonly TaskId[]>,
  prefix: string,
): Generator<readonly TaskId[]> {
  if (prefix.length >= drawerDigits) {
    yield drawers.get(prefix.slice(0, drawerDigits)) ?? [];
    return;
  }
  for (const [key, ids] of drawers) if (key.startsWith(prefix)) yield ids;
}
