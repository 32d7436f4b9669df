import type { Row } from "./rows.ts";

/** Several lists of rows, each oldest first, read as one in order of age. */
export interface MergedRows extends Iterable<Row> {
  /** Passes over the first `count` rows in steps of many, where all of them count. */
  skip(count: number): void;
}

/** One list with the place that is read next. */
interface Head {
  readonly rows: readonly Row[];
  readonly step: 1 | -1;
  readonly end: number;
  next: number;
}

/** `from` are the indices at which the lists begin, whatever the direction. */
export function mergeRows(
  lists: readonly { readonly rows: readonly Row[]; readonly from: number }[],
  newestFirst: boolean,
): MergedRows {
  const heads = lists.map(({ rows, from }): Head =>
    newestFirst
      ? { rows, step: -1, end: from - 1, next: rows.length - 1 }
      : { rows, step: 1, end: rows.length, next: from },
  );
  return {
    skip: (count) => skip(heads, count, newestFirst),
    *[Symbol.iterator]() {
      for (
        let head = firstHead(heads, 1, newestFirst);
        head;
        head = firstHead(heads, 1, newestFirst)
      ) {
        const row = head.rows[head.next];
        head.next += head.step;
        if (row !== undefined) yield row;
      }
    },
  };
}

/**
 * With h lists and n rows to pass over, the list whose row n/h places on comes first of all such
 * rows can be moved past it: fewer than n rows of all lists come before. Logarithmic in n.
 */
function skip(heads: readonly Head[], count: number, newestFirst: boolean): void {
  let left = count;
  while (left > 0) {
    const active = heads.filter((head) => head.next !== head.end);
    if (active.length === 0) return;
    const stride = Math.max(1, Math.floor(left / active.length));
    const head = firstHead(active, stride, newestFirst);
    if (head === undefined) return;
    const moved = Math.min(stride, remaining(head));
    head.next += head.step * moved;
    left -= moved;
  }
}

/** The list whose row `stride` places on (or whose last one) comes first. */
function firstHead(heads: readonly Head[], stride: number, newestFirst: boolean): Head | undefined {
  let best: Head | undefined;
  let bestRow: Row | undefined;
  for (const head of heads) {
    if (head.next === head.end) continue;
    const row = head.rows[head.next + head.step * (Math.min(stride, remaining(head)) - 1)];
    if (row === undefined) continue;
    if (bestRow !== undefined && !isBefore(row, bestRow, newestFirst)) continue;
    best = head;
    bestRow = row;
  }
  return best;
}

function remaining({ next, end, step }: Head): number {
  return (end - next) * step;
}

function isBefore(a: Row, b: Row, newestFirst: boolean): boolean {
  const isOlder = a.createdAt === b.createdAt ? a.id < b.id : a.createdAt < b.createdAt;
  return isOlder !== newestFirst;
}
