import type { NodeId } from "../core/ids.ts";
import type { TaskFilter, TaskPage } from "../core/task/filter.ts";
import type { TaskRecord } from "../core/task/record.ts";
import { taskStates, isFinal, type TaskState } from "../core/task/shown-state.ts";
import type { Store } from "../ports/store.ts";
import { mergeRows } from "./merged-rows.ts";
import type { Replica } from "./replica.ts";
import type { Bucket, Row, Rows } from "./rows.ts";

/** Finds tasks without looking at more rows than the answer needs. */
export interface Listing {
  /** Records in the order of the page. */
  page(filter: TaskFilter, page: TaskPage): Promise<readonly TaskRecord[]>;
  count(filter: TaskFilter): Promise<number>;
}

export interface ListingDeps {
  readonly replica: Replica;
  readonly store: Store;
  stateOf(record: TaskRecord): TaskState;
  nodeIdOf(name: string): NodeId | undefined;
}

/** Records read from disk at once while a search goes through old tasks. */
const chunkRows = 500;

export function createListing(deps: ListingDeps): Listing {
  return {
    async page(filter, { newestFirst, offset, limit }) {
      const rows = rowsFor(deps.replica, filter, newestFirst);
      if (
        bucketsFor(deps.replica.rows, filter.states).every((bucket) =>
          isBucketAlone(filter, bucket),
        )
      ) {
        rows.skip(offset);
        return recordsOf(deps, take(rows, limit), filter);
      }
      const matching = matchingRows(deps, filter, rows);
      if (filter.search === undefined) {
        return recordsOf(deps, take(matching, offset + limit).slice(offset), filter);
      }
      const found = await search(deps, [...matching], filter, offset + limit);
      return found.slice(offset);
    },
    async count(filter) {
      if (filter.search === undefined) return countRows(deps, filter);
      const rows = matchingRows(deps, filter, rowsFor(deps.replica, filter, false));
      const all = [...rows];
      return (await search(deps, all, filter, all.length)).length;
    },
  };
}

function take<T>(items: Iterable<T>, count: number): T[] {
  const taken: T[] = [];
  if (count === 0) return taken;
  for (const item of items) {
    taken.push(item);
    if (taken.length === count) break;
  }
  return taken;
}

/** The first `wanted` records that mention the text; old ones are read from disk in chunks. */
async function search(
  deps: ListingDeps,
  rows: readonly Row[],
  filter: TaskFilter,
  wanted: number,
): Promise<readonly TaskRecord[]> {
  const found: TaskRecord[] = [];
  for (let start = 0; start < rows.length && found.length < wanted; start += chunkRows) {
    found.push(...(await recordsOf(deps, rows.slice(start, start + chunkRows), filter)));
  }
  return found.slice(0, wanted);
}

function* matchingRows(deps: ListingDeps, filter: TaskFilter, rows: Iterable<Row>): Generator<Row> {
  for (const row of rows) if (rowMatches(deps, row, filter)) yield row;
}

function countRows(deps: ListingDeps, filter: TaskFilter): number {
  const { rows } = deps.replica;
  let count = 0;
  for (const bucket of bucketsFor(deps.replica.rows, filter.states)) {
    const list = rows.bucket(bucket);
    if (isBucketAlone(filter, bucket)) count += list.length;
    else for (const row of list) if (rowMatches(deps, row, filter)) count += 1;
  }
  return count;
}

/** Whether being in the bucket is all that the filter asks. */
function isBucketAlone(filter: TaskFilter, bucket: Bucket): boolean {
  const { states, ...others } = filter;
  if (Object.values(others).some((value) => value !== undefined)) return false;
  return states === undefined || (bucket !== "open" && bucket !== "claimed");
}

/** The rows of all buckets in question, merged by age. */
function rowsFor({ rows }: Replica, { createdAfter, states }: TaskFilter, newestFirst: boolean) {
  const lists = bucketsFor(rows, states).map((bucket) => ({
    rows: rows.bucket(bucket),
    from: createdAfter === undefined ? 0 : rows.firstSince(bucket, createdAfter),
  }));
  return mergeRows(lists, newestFirst);
}

function bucketsFor(rows: Rows, states: TaskFilter["states"]): readonly Bucket[] {
  if (states === undefined) return rows.buckets();
  const buckets = new Set<Bucket>();
  for (const state of states) {
    if (isFinal(state)) buckets.add(state);
    else if (state === "CLAIMED" || state === "RUNNING") buckets.add("claimed");
    else buckets.add("open");
    if (state === "HELD") buckets.add("claimed");
  }
  return taskBuckets.filter((bucket) => buckets.has(bucket));
}

const taskBuckets: readonly Bucket[] = ["open", "claimed", ...taskStates];

function rowMatches(deps: ListingDeps, row: Row, filter: TaskFilter): boolean {
  if (filter.types !== undefined && !filter.types.includes(row.type)) return false;
  if (!timesMatch(row, filter)) return false;
  if (filter.requiredTags?.some((tag) => !row.tags.includes(tag)) === true) return false;
  const { maxTags } = filter;
  if (maxTags !== undefined && row.tags.some((tag) => !maxTags.includes(tag))) return false;
  if (filter.node !== undefined) {
    if (row.owner === undefined || row.owner !== deps.nodeIdOf(filter.node)) return false;
  }
  return row.finishedAt > 0 || stateMatches(deps, row, filter);
}

function timesMatch(row: Row, filter: TaskFilter): boolean {
  if (filter.createdAfter !== undefined && row.createdAt < filter.createdAfter) return false;
  if (filter.createdBefore !== undefined && row.createdAt >= filter.createdBefore) return false;
  const { finishedAfter, finishedBefore } = filter;
  if (finishedAfter === undefined && finishedBefore === undefined) return true;
  if (row.finishedAt === 0) return false;
  if (finishedAfter !== undefined && row.finishedAt < finishedAfter) return false;
  return finishedBefore === undefined || row.finishedAt < finishedBefore;
}

/** Open and claimed rows hold their record: their state depends on more than it. */
function stateMatches(deps: ListingDeps, row: Row, filter: TaskFilter): boolean {
  if (filter.states === undefined) return true;
  return row.record !== undefined && filter.states.includes(deps.stateOf(row.record));
}

async function recordsOf(
  { store }: ListingDeps,
  rows: readonly Row[],
  filter: TaskFilter,
): Promise<readonly TaskRecord[]> {
  // Taken before anything is read: memory may let go of a record meanwhile.
  const records = rows.map((row) => row.record);
  const missing = [...records.keys()].filter((index) => records[index] === undefined);
  if (missing.length > 0) {
    const ids = missing.map((index) => rows[index]?.id ?? "");
    const read = await store.getMany("task", ids);
    for (const [place, index] of missing.entries()) records[index] = read[place];
  }
  const text = filter.search;
  return records.filter(
    (record) => record !== undefined && (text === undefined || mentions(record, text)),
  ) as readonly TaskRecord[];
}

function mentions(record: TaskRecord, wanted: string): boolean {
  const text = wanted.toLowerCase();
  const { spec } = record.decided;
  const places = [record.id, spec.type, spec.key ?? "", ...spec.tags];
  return [...places, ...Object.values(spec.environment)].some((place) =>
    place.toLowerCase().includes(text),
  );
}
