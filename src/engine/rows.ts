import type { NodeId, TaskId } from "../core/ids.ts";
import type { Value } from "../core/register/value.ts";
import { createSortedList, type SortedList } from "../core/sorted-list.ts";
import type { TaskRecord } from "../core/task/record.ts";
import { shownState, type TaskState } from "../core/task/shown-state.ts";

/** Where a task is filed: open and claimed ones by phase, closed ones by their final state. */
export type Bucket = "open" | "claimed" | TaskState;

/** What memory keeps of every task; the record itself only while it is open or recent. */
export interface Row {
  readonly id: TaskId;
  readonly createdAt: number;
  /** Unix milliseconds; 0 while it is not closed. */
  readonly finishedAt: number;
  readonly bucket: Bucket;
  readonly type: string;
  readonly tags: readonly string[];
  readonly owner: NodeId | undefined;
  record: TaskRecord | undefined;
}

/** All tasks of the replica, findable by id, by prefix and, oldest first, by bucket. */
export interface Rows {
  get(id: TaskId): Row | undefined;
  put(record: TaskRecord): Row;
  /** Takes in a record read at start, out of order until `loaded`; closed ones stay on disk. */
  load(record: TaskRecord): void;
  /** Puts what was loaded in order, once for all. */
  loaded(): void;
  remove(id: TaskId): void;
  /** Ids that begin so, `limit` at most. */
  byPrefix(prefix: string, limit: number): readonly TaskId[];
  bucket(bucket: Bucket): readonly Row[];
  /** Index of the first row of a bucket created at or after this time. */
  firstSince(bucket: Bucket, createdAt: number): number;
  buckets(): readonly Bucket[];
  size(): number;
  clear(): void;
}

const prefixDigits = 3;

export function createRows(): Rows {
  const rows = new Map<TaskId, Row>();
  const lists = new Map<Bucket, SortedList<Row>>();
  const prefixes = new Map<string, TaskId[]>();
  const texts = new Map<string, readonly string[]>();
  const unordered: Row[] = [];

  function listOf(bucket: Bucket): SortedList<Row> {
    let list = lists.get(bucket);
    if (list === undefined) {
      list = createSortedList(compareRows);
      lists.set(bucket, list);
    }
    return list;
  }

  /** Equal tag lists share one array: most tasks of a type have the same. */
  function shared(values: readonly string[]): readonly string[] {
    const key = values.join("\n");
    const there = texts.get(key);
    if (there !== undefined) return there;
    if (texts.size >= 10_000) texts.clear();
    texts.set(key, values);
    return values;
  }

  function remember(id: TaskId): void {
    const prefix = id.slice(0, prefixDigits);
    const ids = prefixes.get(prefix);
    if (ids === undefined) prefixes.set(prefix, [id]);
    else ids.push(id);
  }

  return {
    get: (id) => rows.get(id),
    put(record) {
      const old = rows.get(record.id);
      if (old === undefined) remember(record.id);
      const row = rowOf(record, shared);
      rows.set(record.id, row);
      if (old !== undefined) listOf(old.bucket).remove(old);
      listOf(row.bucket).insert(row);
      return row;
    },
    load(record) {
      const row = rowOf(record, shared);
      if (row.finishedAt > 0) row.record = undefined;
      rows.set(row.id, row);
      remember(row.id);
      unordered.push(row);
    },
    loaded() {
      for (const [bucket, more] of Map.groupBy(unordered, (row) => row.bucket)) {
        listOf(bucket).insertAll(more);
      }
      unordered.length = 0;
    },
    remove(id) {
      const row = rows.get(id);
      if (row === undefined) return;
      rows.delete(id);
      listOf(row.bucket).remove(row);
      const ids = prefixes.get(id.slice(0, prefixDigits));
      ids?.splice(ids.indexOf(id), 1);
    },
    byPrefix(prefix, limit) {
      if (prefix.length >= prefixDigits) {
        const ids = prefixes.get(prefix.slice(0, prefixDigits)) ?? [];
        return ids.filter((id) => id.startsWith(prefix)).slice(0, limit);
      }
      const found: TaskId[] = [];
      for (const [start, ids] of prefixes) {
        if (start.startsWith(prefix)) found.push(...ids.slice(0, limit - found.length));
        if (found.length >= limit) break;
      }
      return found;
    },
    bucket: (bucket) => lists.get(bucket)?.items ?? [],
    firstSince: (bucket, createdAt) => firstSince(lists.get(bucket)?.items ?? [], createdAt),
    buckets: () => [...lists.keys()],
    size: () => rows.size,
    clear() {
      rows.clear();
      lists.clear();
      prefixes.clear();
    },
  };
}

function compareRows(a: Row, b: Row): number {
  if (a.createdAt !== b.createdAt) return a.createdAt - b.createdAt;
  if (a.id === b.id) return 0;
  return a.id < b.id ? -1 : 1;
}

function firstSince(rows: readonly Row[], createdAt: number): number {
  let low = 0;
  let high = rows.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((rows[middle]?.createdAt ?? 0) < createdAt) low = middle + 1;
    else high = middle;
  }
  return low;
}

function rowOf(record: TaskRecord, shared: (values: readonly string[]) => readonly string[]): Row {
  const { value, spec } = record.decided;
  return {
    id: record.id,
    createdAt: record.createdAt,
    finishedAt: value.phase === "CLOSED" ? (value.outcome?.at ?? record.createdAt) : 0,
    bucket: bucketOf(value, record),
    type: shared([spec.type])[0] ?? spec.type,
    tags: shared(spec.tags),
    owner: value.phase === "CLAIMED" || value.phase === "CLOSED" ? value.owner : undefined,
    record,
  };
}

function bucketOf(value: Value, record: TaskRecord): Bucket {
  switch (value.phase) {
    case "OPEN":
      return "open";
    case "CLAIMED":
      return "claimed";
    case "MOVED":
      return bucketOf(value.carry, record);
    case "CLOSED":
      return shownState(record, { now: 0, votersAnswer: true, ownerAnswers: true });
  }
}
