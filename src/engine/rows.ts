import type { NodeId, TaskId } from "../core/ids.ts";
import type { Value } from "../core/register/value.ts";
import { createSortedList, type SortedList } from "../core/sorted-list.ts";
import type { TaskRecord } from "../core/task/record.ts";
import { ownState, type TaskState } from "../core/task/shown-state.ts";
import { createPrefixIndex, type PrefixIndex } from "./prefix-index.ts";

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
  /** Hashes of its uploads, which stay as long as the task is known. */
  readonly blobs: readonly string[];
  record: TaskRecord | undefined;
}

/** All tasks of the replica, findable by id, by prefix and, oldest first, by bucket. */
export interface Rows {
  get(id: TaskId): Row | undefined;
  put(record: TaskRecord): Row;
  /** Takes in a record read at start, out of order until `loaded`; closed ones stay on disk. */
  load(id: TaskId, record: TaskRecord): void;
  /** Puts what was loaded in order, once for all. */
  loaded(): void;
  remove(id: TaskId): void;
  /** Ids that begin so, `limit` at most. */
  byPrefix(prefix: string, limit: number): readonly TaskId[];
  bucket(bucket: Bucket): readonly Row[];
  /** Index of the first row of a bucket created at or after this time. */
  firstSince(bucket: Bucket, createdAt: number): number;
  buckets(): readonly Bucket[];
  /** Every upload that a known task names. */
  blobs(): ReadonlySet<string>;
  size(): number;
  clear(): void;
}

interface State {
  readonly rows: Map<TaskId, Row>;
  readonly lists: Map<Bucket, SortedList<Row>>;
  readonly prefixes: PrefixIndex;
  readonly unordered: Row[];
  /** Equal tag lists, type names and owners are kept once: most tasks of a type share them. */
  readonly texts: Map<string, readonly string[]>;
}

export function createRows(): Rows {
  const rows = new Map<TaskId, Row>();
  const lists = new Map<Bucket, SortedList<Row>>();
  const prefixes = createPrefixIndex();
  const state: State = { rows, lists, prefixes, unordered: [], texts: new Map() };
  return {
    get: (id) => rows.get(id),
    put: (record) => put(state, record),
    load: (id, record) => load(state, id, record),
    loaded() {
      for (const [bucket, more] of Map.groupBy(state.unordered, (row) => row.bucket)) {
        listOf(state, bucket).insertAll(more);
      }
      state.unordered.length = 0;
    },
    remove(id) {
      const row = rows.get(id);
      if (row === undefined) return;
      rows.delete(id);
      prefixes.remove(id);
      listOf(state, row.bucket).remove(row);
    },
    byPrefix: (prefix, limit) => prefixes.find(prefix, limit),
    bucket: (bucket) => lists.get(bucket)?.items ?? [],
    firstSince: (bucket, createdAt) => firstSince(lists.get(bucket)?.items ?? [], createdAt),
    buckets: () => [...lists.keys()],
    blobs: () => new Set([...rows.values()].flatMap((row) => row.blobs)),
    size: () => rows.size,
    clear() {
      rows.clear();
      lists.clear();
      prefixes.clear();
      state.unordered.length = 0;
    },
  };
}

function put(state: State, record: TaskRecord): Row {
  const old = state.rows.get(record.id);
  const row = rowOf(state, record);
  state.rows.set(record.id, row);
  if (old === undefined) state.prefixes.add(record.id);
  else listOf(state, old.bucket).remove(old);
  listOf(state, row.bucket).insert(row);
  return row;
}

/**
 * The id is given apart: the one within a decoded record is a slice of the whole record's text,
 * and would keep all of that in memory.
 */
function load(state: State, id: TaskId, record: TaskRecord): void {
  const row = { ...rowOf(state, record), id };
  if (row.finishedAt > 0) row.record = undefined;
  state.rows.set(row.id, row);
  state.prefixes.add(row.id);
  state.unordered.push(row);
}

function listOf({ lists }: State, bucket: Bucket): SortedList<Row> {
  let list = lists.get(bucket);
  if (list === undefined) {
    list = createSortedList(compareRows);
    lists.set(bucket, list);
  }
  return list;
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

function rowOf(state: State, record: TaskRecord): Row {
  const { value, spec } = record.decided;
  return {
    id: record.id,
    createdAt: record.createdAt,
    finishedAt: value.phase === "CLOSED" ? (value.outcome?.at ?? record.createdAt) : 0,
    bucket: bucketOf(value, record),
    type: sharedText(state, spec.type),
    tags: shared(state, spec.tags),
    owner: ownerOf(state, value),
    blobs: spec.files.length === 0 ? noBlobs : spec.files.map((file) => file.sha256),
    record,
  };
}

function ownerOf(state: State, value: Value): NodeId | undefined {
  const owner = value.phase === "CLAIMED" || value.phase === "CLOSED" ? value.owner : undefined;
  return owner === undefined ? undefined : sharedText(state, owner);
}

const noBlobs: readonly string[] = [];

/** Distinct lists that are remembered; a store with more of them shares less. */
const sharedMax = 10_000;

function sharedText<T extends string>(state: State, text: T): T {
  return shared(state, [text])[0] as T;
}

function shared({ texts }: State, values: readonly string[]): readonly string[] {
  const key = values.join("\n");
  const there = texts.get(key);
  if (there !== undefined) return there;
  if (texts.size < sharedMax) texts.set(key, values);
  return values;
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
      return ownState(record);
  }
}
