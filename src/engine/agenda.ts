import type { TaskId } from "../core/ids.ts";
import type { Clock } from "../ports/clock.ts";

/** Tasks to look at again at a certain time; being early, late or called twice does no harm. */
export interface Agenda {
  /** Unix milliseconds of the wall clock. */
  at(time: number, id: TaskId): void;
  clear(): void;
}

interface Entry {
  readonly time: number;
  readonly id: TaskId;
}

/** The wall clock may be set while a timer runs: it is read again at least this often. */
const lookAgainMs = 60_000;

/** An empty agenda that calls `due` for each entry whose time has come. */
export function createAgenda(clock: Clock, due: (id: TaskId) => void): Agenda {
  const heap: Entry[] = [];
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
    for (let next = heap[0]; next !== undefined && next.time <= clock.now(); next = heap[0]) {
      pop(heap);
      due(next.id);
    }
    arm();
  }

  return {
    at(time, id) {
      push(heap, { time, id });
      arm();
    },
    clear() {
      heap.length = 0;
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
