/** Virtual time: what is to happen, in the order of its time, then of its announcement. */
export interface Timeline {
  now(): number;
  after(delay: number, act: () => void): void;
  /** Lets everything happen up to `end`; what is later stays. */
  runUntil(end: number): void;
}

interface Entry {
  readonly at: number;
  readonly number: number;
  readonly act: () => void;
}

/** A binary heap of announced events. */
export function createTimeline(): Timeline {
  const heap: Entry[] = [];
  let now = 0;
  let announced = 0;

  function isBefore(left: number, right: number): boolean {
    const [a, b] = [heap[left], heap[right]];
    if (a === undefined || b === undefined) return a !== undefined;
    return a.at === b.at ? a.number < b.number : a.at < b.at;
  }

  function swap(left: number, right: number): void {
    const [a, b] = [heap[left], heap[right]];
    if (a === undefined || b === undefined) return;
    heap[left] = b;
    heap[right] = a;
  }

  function rise(from: number): void {
    let index = from;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (!isBefore(index, parent)) return;
      swap(index, parent);
      index = parent;
    }
  }

  function sink(): void {
    let index = 0;
    for (;;) {
      const left = 2 * index + 1;
      const least = isBefore(left + 1, left) ? left + 1 : left;
      if (!isBefore(least, index)) return;
      swap(index, least);
      index = least;
    }
  }

  function takeFirst(): Entry | undefined {
    const first = heap[0];
    const last = heap.pop();
    if (first !== last && last !== undefined) {
      heap[0] = last;
      sink();
    }
    return first;
  }

  return {
    now: () => now,
    after(delay, act) {
      announced += 1;
      heap.push({ at: now + delay, number: announced, act });
      rise(heap.length - 1);
    },
    runUntil(end) {
      while (heap[0] !== undefined && heap[0].at <= end) {
        const entry = takeFirst();
        if (entry === undefined) return;
        now = entry.at;
        entry.act();
      }
      now = end;
    },
  };
}
