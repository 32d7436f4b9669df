import { compareData } from "../compare.ts";
import { assert } from "../errors.ts";
import type { Outcome } from "../register/value.ts";
import type { Decided, Epoch, Started, TaskRecord } from "./record.ts";

/** What never changes after a task's creation. */
export type CreationFacts = Pick<
  TaskRecord,
  "origin" | "boot" | "seq" | "createdAt" | "fast" | "retryOf"
>;

/**
 * Two facts that exclude each other: an invariant is broken, or somebody lies. `aside` is not in
 * the record; it is to be kept and shown.
 */
export type JoinAlarm =
  | { readonly part: "creation"; readonly kept: CreationFacts; readonly aside: CreationFacts }
  /** Neither chain begins with the other. */
  | { readonly part: "chain"; readonly kept: readonly Epoch[]; readonly aside: readonly Epoch[] }
  /** Two values, or contents, at the same (epoch, seq). */
  | { readonly part: "decided"; readonly kept: Decided; readonly aside: Decided }
  | {
      readonly part: "started";
      readonly n: number;
      readonly kept: Started;
      readonly aside: Started;
    }
  | {
      readonly part: "ended" | "late";
      readonly n: number;
      readonly kept: Outcome;
      readonly aside: Outcome;
    };

/** A joined record, and what could not be joined. */
export interface Joined {
  /** The very object `a` where `b` adds nothing to it. */
  readonly record: TaskRecord;
  readonly alarms: readonly JoinAlarm[];
}

/**
 * What two nodes know of one task, together: each part is a semilattice, so that the record is the
 * same in whatever order, grouping and number facts arrive (PROTOCOL section 4).
 *
 * Where two facts exclude each other every node keeps the same one, the greater of a total order
 * that means nothing else, and raises an alarm. No clock takes part (F15).
 * @see Shapiro et al., "Conflict-free Replicated Data Types", 2011
 */
export function joinRecords(a: TaskRecord, b: TaskRecord): Joined {
  assert(a.id === b.id, `records of ${a.id} and ${b.id} were joined`);
  const alarms: JoinAlarm[] = [];
  const creation = joinCreation(a, b, alarms);
  const chain = joinChains(a.chain, b.chain, alarms);
  const decided = joinDecided(a.decided, b.decided, alarms);
  const started = joinAttempts(a.started, b.started, (n, kept, aside) =>
    alarms.push({ part: "started", n, kept, aside }),
  );
  const ended = joinAttempts(a.ended, b.ended, (n, kept, aside) =>
    alarms.push({ part: "ended", n, kept, aside }),
  );
  const late = joinAttempts(a.late, b.late, (n, kept, aside) =>
    alarms.push({ part: "late", n, kept, aside }),
  );
  const removed = a.removed || b.removed;
  const forced = a.forced || b.forced;
  const record = { id: a.id, ...creation, chain, decided, started, ended, late, removed, forced };
  return { record: addsNothing(a, record) ? a : record, alarms };
}

function joinCreation(a: TaskRecord, b: TaskRecord, alarms: JoinAlarm[]): CreationFacts {
  const ours = creationOf(a);
  const theirs = creationOf(b);
  const order = compareData(ours, theirs);
  const [kept, aside] = order < 0 ? [theirs, ours] : [ours, theirs];
  if (order !== 0) alarms.push({ part: "creation", kept, aside });
  return kept;
}

function creationOf({ origin, boot, seq, createdAt, fast, retryOf }: TaskRecord): CreationFacts {
  return {
    origin,
    boot,
    seq,
    createdAt,
    ...(fast === undefined ? {} : { fast }),
    ...(retryOf === undefined ? {} : { retryOf }),
  };
}

/** The longest; of two equally long ones the greater, so that this is the maximum of an order. */
function joinChains(
  a: readonly Epoch[],
  b: readonly Epoch[],
  alarms: JoinAlarm[],
): readonly Epoch[] {
  const order = a.length === b.length ? compareData(a, b) : a.length - b.length;
  const [kept, aside] = order < 0 ? [b, a] : [a, b];
  if (compareData(kept.slice(0, aside.length), aside) !== 0) {
    alarms.push({ part: "chain", kept, aside });
  }
  return kept;
}

function joinDecided(a: Decided, b: Decided, alarms: JoinAlarm[]): Decided {
  const byPlace = a.epoch - b.epoch || a.value.seq - b.value.seq;
  if (byPlace !== 0) return byPlace > 0 ? a : b;
  const order = compareData(a, b);
  const [kept, aside] = order < 0 ? [b, a] : [a, b];
  if (order !== 0) alarms.push({ part: "decided", kept, aside });
  return kept;
}

/** By attempt; each fact is written once, by the attempt's owner. */
function joinAttempts<T>(
  a: Readonly<Record<number, T>>,
  b: Readonly<Record<number, T>>,
  conflict: (n: number, kept: T, aside: T) => void,
): Readonly<Record<number, T>> {
  let joined = a;
  for (const [key, theirs] of Object.entries(b)) {
    const n = Number(key);
    const ours = a[n];
    const order = ours === undefined ? -1 : compareData(ours, theirs);
    if (order < 0) joined = { ...joined, [n]: theirs };
    if (ours === undefined || order === 0) continue;
    if (order < 0) conflict(n, theirs, ours);
    else conflict(n, ours, theirs);
  }
  return joined;
}

/** Parts of `a` that were kept are the same objects; creation facts are few enough to compare. */
function addsNothing(a: TaskRecord, joined: TaskRecord): boolean {
  return (
    joined.chain === a.chain &&
    joined.decided === a.decided &&
    joined.started === a.started &&
    joined.ended === a.ended &&
    joined.late === a.late &&
    joined.removed === a.removed &&
    joined.forced === a.forced &&
    compareData(creationOf(joined), creationOf(a)) === 0
  );
}
