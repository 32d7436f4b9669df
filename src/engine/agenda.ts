import type { TaskId } from "../core/ids.ts";
import type { Clock } from "../ports/clock.ts";

/** Tasks to look at again at a certain time; being early, late or called twice does no harm. */
export interface Agenda {
  /** Unix milliseconds of the wall clock. The same time once more is the same entry. */
  at(time: number, id: TaskId): void;
  /** Nothing is to be looked at again for this task. */
  forget(id: TaskId): void;
  clear(): void;
}

interface Entry {
  readonly time: number;
  readonly id: TaskId;
}

/** The wall clock may be set while a timer runs: it is read again at least this often. */
const lookAgainMs = 60_000;
/** Tasks that are looked at before others have their turn. */
const ringMax = 250;
/** Entries that may be of no use before they are thrown out. */
const uselessMax = 1_000;

/** An empty agenda that calls `due` for each entry whose time has come. */
export function createAgenda(clock: Clock, due: (id: TaskId) => void): Agenda {
  let heap: Entry[] = [];
  /** The times of each task; an entry of the heap that is not among them is of no use. */
  const times = new Map<TaskId, Set<number>>();
  let useless = 0;
  let cancel: (() => void) | undefined;
  let armedFor = Number.POSITIVE_INFINITY;

  function arm(): void {
    const next = heap[0];
    if (next === undefined || next.time >= armedFor) return;
    cancel?.();
    armedFor = next.time;
    cancel = clock.after(Math.min(Math.max(next.time - clock.now(), 0), lookAgainMs), ring);
  }

  function ring(): void {
    cancel = undefined;
    armedFor = Number.POSITIVE_INFINITY;
    for (let looked = 0; looked < ringMax; looked += 1) {
      const next = heap[0];
      if (next === undefined || next.time > clock.now()) break;
      pop(heap);
      if (take(next)) due(next.id);
      else useless -= 1;
    }
    arm();
  }

  /** Whether the entry still counted. */
  function take({ time, id }: Entry): boolean {
    const all = times.get(id);
    if (all?.delete(time) !== true) return false;
    if (all.size === 0) times.delete(id);
    return true;
  }

  function sweep(): void {
    const kept = heap.filter(({ time, id }) => times.get(id)?.has(time) === true);
    heap = [];
    for (const entry of kept) push(heap, entry);
    useless = 0;
  }

  return {
    at(time, id) {
      const all = times.get(id);
      if (all?.has(time) === true) return;
      if (all === undefined) times.set(id, new Set([time]));
      else all.add(time);
      push(heap, { time, id });
      arm();
    },
    forget(id) {
      useless += times.get(id)?.size ?? 0;
      times.delete(id);
      if (useless > uselessMax) sweep();
    },
    clear() {
      heap = [];
      times.clear();
      useless = 0;
      cancel?.();
      cancel = undefined;
      armedFor = Number.POSITIVE_INFINITY;
    },
  };
}

function push(heap: Entry[], entry: Entry): void {
  let index = heap.length;
  heap.push(entry);
  while (index > 0) {
    const above = (index - 1) >>> 1;
    const parent = heap[above];
    if (parent === undefined || parent.time <= entry.time) break;
    heap[index] = parent;
    index = above;
  }
  heap[index] = entry;
}

function pop(heap: Entry[]): void {
  const last = heap.pop();
  if (last === undefined || heap.length === 0) return;
  let index = 0;
  for (;;) {
    const left = 2 * index + 1;
    const right = left + 1;
    const below = (heap[right]?.time ?? Infinity) < (heap[left]?.time ?? Infinity) ? right : left;
    const child = heap[below];
    if (child === undefined || child.time >= last.time) break;
    heap[index] = child;
    index = below;
  }
  heap[index] = last;
}
