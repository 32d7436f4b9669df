/** Closed interval of `seq` numbers: both ends belong to it. */
type Interval = readonly [from: number, to: number];

/**
 * The numbers of one origin that were collected here, exactly: for each boot a sorted list of
 * disjoint closed intervals [from, to] of `seq`. A mere maximum would bar late voters from older
 * open tasks (PROTOCOL F35).
 *
 * Neighbours are always joined ([1, 2] and [3, 3] are kept as [1, 3]), so that equal sets are equal
 * data, and a boot whose tasks are all collected costs one interval.
 */
export type GoneIntervals = Readonly<Record<number, readonly Interval[]>>;

/** Whether (boot, seq) was collected. */
export function hasGone(gone: GoneIntervals, boot: number, seq: number): boolean {
  const intervals = gone[boot] ?? [];
  const candidate = intervals[firstReaching(intervals, seq)];
  return candidate !== undefined && candidate[0] <= seq;
}

/** The set with (boot, seq) in it; the same object where it was there already. */
export function addGone(gone: GoneIntervals, boot: number, seq: number): GoneIntervals {
  if (hasGone(gone, boot, seq)) return gone;
  const intervals = gone[boot] ?? [];
  // The first interval that the number could be joined to ends right before it, or later.
  const at = firstReaching(intervals, seq - 1);
  const before = intervals[at];
  const joinsBefore = before !== undefined && before[1] === seq - 1;
  const after = intervals[joinsBefore ? at + 1 : at];
  const joinsAfter = after !== undefined && after[0] === seq + 1;
  const joined: Interval = [joinsBefore ? before[0] : seq, joinsAfter ? after[1] : seq];
  const replaced = (joinsBefore ? 1 : 0) + (joinsAfter ? 1 : 0);
  return { ...gone, [boot]: intervals.toSpliced(at, replaced, joined) };
}

/**
 * The union: commutative, associative, idempotent.
 * @public Used once nodes tell each other what they have collected.
 */
export function mergeGone(a: GoneIntervals, b: GoneIntervals): GoneIntervals {
  const merged: Record<number, readonly Interval[]> = { ...a };
  for (const [key, intervals] of Object.entries(b)) {
    const boot = Number(key);
    merged[boot] = union(merged[boot] ?? [], intervals);
  }
  return merged;
}

function union(a: readonly Interval[], b: readonly Interval[]): readonly Interval[] {
  const joined: Interval[] = [];
  for (const [from, to] of [...a, ...b].toSorted((left, right) => left[0] - right[0])) {
    const last = joined.at(-1);
    if (last !== undefined && from <= last[1] + 1) {
      joined[joined.length - 1] = [last[0], Math.max(last[1], to)];
    } else joined.push([from, to]);
  }
  return joined;
}

/** Index of the first interval that ends at `seq` or later: binary search over disjoint ends. */
function firstReaching(intervals: readonly Interval[], seq: number): number {
  let low = 0;
  let high = intervals.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const interval = intervals[middle];
    if (interval !== undefined && interval[1] < seq) low = middle + 1;
    else high = middle;
  }
  return low;
}
