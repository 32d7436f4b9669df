/**
 * Goal: a page of tasks and their count are what one would get by looking at every task, whatever
 * is asked, wherever the records lie, and however rows came to be where they are.
 * Method: fast-check over histories of tasks (loaded, changed, released to disk, removed) and over
 * questions, against a model that filters, sorts and slices a plain list. Domains are small, so
 * that ages are equal and filters both match and miss.
 */
import {
  array,
  assert,
  asyncProperty,
  boolean,
  constantFrom,
  integer,
  option,
  record,
  subarray,
  type Arbitrary,
} from "fast-check";
import { describe, expect, it } from "vitest";

import type { NodeId, TaskId } from "../../src/core/ids.ts";
import type { OutcomeKind, Value } from "../../src/core/register/value.ts";
import type { TaskFilter, TaskPage } from "../../src/core/task/filter.ts";
import type { TaskRecord } from "../../src/core/task/record.ts";
import { shownState, taskStates, type TaskState } from "../../src/core/task/shown-state.ts";
import { createListing } from "../../src/engine/listing.ts";
import { createReplica } from "../../src/engine/replica.ts";
import type { Store } from "../../src/ports/store.ts";
import { storedTask } from "../support/stored.ts";
import { ada, ben, claimed, closed, noon, open, spec } from "../support/values.ts";

const tags = ["gpu", "linux", "x64"];
const types = ["bash_task", "render"];
const outcomes: readonly OutcomeKind[] = ["success", "error", "timedout", "stopped", "lost"];
const time = integer({ min: noon, max: noon + 6 });

/** Where a task stands after one step of its life. */
interface Step {
  readonly phase: "OPEN" | "CLAIMED" | "CLOSED";
  readonly paused: boolean;
  readonly isStarted: boolean;
  readonly isLate: boolean;
  readonly why: "done" | "cancelled" | "expired" | "lost" | "skipped";
  readonly outcome: OutcomeKind | null;
  readonly finishedAt: number;
  readonly owner: NodeId;
}

const anyStep: Arbitrary<Step> = record({
  phase: constantFrom("OPEN", "CLAIMED", "CLOSED"),
  paused: boolean(),
  isStarted: boolean(),
  isLate: boolean(),
  why: constantFrom("done", "cancelled", "expired", "lost", "skipped"),
  outcome: option(constantFrom(...outcomes)),
  finishedAt: time,
  owner: constantFrom(ada, ben),
});

interface Life {
  readonly createdAt: number;
  readonly type: string;
  readonly tags: readonly string[];
  readonly key: string | null;
  readonly word: string;
  readonly notBefore: number | null;
  readonly isHeld: boolean;
  readonly isLoaded: boolean;
  readonly isReleased: boolean;
  readonly isRemoved: boolean;
  readonly steps: readonly Step[];
}

const anyLife: Arbitrary<Life> = record({
  createdAt: time,
  type: constantFrom(...types),
  tags: subarray(tags),
  key: option(constantFrom("nightly", "Weekly")),
  word: constantFrom("frogs", "CATS", ""),
  notBefore: option(integer({ min: noon - 1, max: noon + 1 })),
  isHeld: boolean(),
  isLoaded: boolean(),
  isReleased: boolean(),
  isRemoved: boolean(),
  steps: array(anyStep, { minLength: 1, maxLength: 3 }),
});

const anyFilter: Arbitrary<TaskFilter> = record(
  {
    states: subarray([...taskStates], { minLength: 1 }),
    types: subarray([...types, "other"], { minLength: 1 }),
    requiredTags: subarray(tags),
    maxTags: subarray(tags),
    createdAfter: time,
    createdBefore: time,
    finishedAfter: time,
    finishedBefore: time,
    node: constantFrom("rabbit", "otter", "nobody"),
    search: constantFrom("FROG", "cats", "nightly", "week", "gpu", "render", "8000", "nothing"),
  },
  { requiredKeys: [] },
);

const anyPage: Arbitrary<TaskPage> = record({
  limit: integer({ min: 0, max: 20 }),
  offset: integer({ min: 0, max: 30 }),
  newestFirst: boolean(),
});

describe("a listing", () => {
  it("is the sorted, filtered slice of all tasks, and counts them all", async () => {
    const property = asyncProperty(
      array(anyLife, { maxLength: 32 }),
      array(anyFilter, { minLength: 1, maxLength: 6 }),
      anyPage,
      async (lives, filters, page) => {
        const world = createWorld(lives);
        for (const filter of [{}, ...filters]) {
          const expected = world.tasks.filter((task) => matches(world, task, filter));
          const ids = expected.toSorted(byAge).map(({ id }) => id);
          if (page.newestFirst) ids.reverse();
          const found = await world.listing.page(filter, page);
          const slice = ids.slice(page.offset, page.offset + page.limit);
          expect(found.map(({ id }) => id)).toEqual(slice);
          expect(await world.listing.count(filter)).toBe(ids.length);
        }
      },
    );
    await assert(property, { numRuns: 1_500 });
  });

  it("gives each record as it is on disk, also where memory lets go of it meanwhile", async () => {
    const property = asyncProperty(array(anyLife, { maxLength: 10 }), async (lives) => {
      const world = createWorld(lives);
      world.releaseWhileReading();
      const page = { limit: 100, offset: 0, newestFirst: false };
      expect(await world.listing.page({}, page)).toEqual(world.tasks.toSorted(byAge));
    });
    await assert(property, { numRuns: 500 });
  });

  it("leaves out a record that can't be believed", async () => {
    const ended = closed({ outcome: { kind: "success", at: noon } });
    const decided = { epoch: 0, value: ended, spec };
    const world = createWorld([]);
    for (const number of [1, 2, 3]) {
      const task = storedTask(number, { decided });
      world.replica.rows.load(task.id, task);
    }
    world.replica.rows.loaded();
    world.disk.set(storedTask(2).id, storedTask(2, { decided }));
    const page = { limit: 10, offset: 0, newestFirst: false };
    expect(await world.listing.page({}, page)).toEqual([storedTask(2, { decided })]);
  });
});

function createWorld(lives: readonly Life[]) {
  const disk = new Map<string, TaskRecord>();
  let releasesWhileReading = false;
  const store = {
    getMany: (_table: string, keys: readonly string[]) => {
      if (releasesWhileReading) for (const id of disk.keys()) release(id as TaskId);
      return Promise.resolve(keys.map((key) => disk.get(key)));
    },
  } as Partial<Store> as Store;
  const replica = createReplica(store);
  const { rows } = replica;
  const held = new Set<string>();
  const histories = lives.map((life, index) => life.steps.map((step) => taskAt(index, life, step)));

  function release(id: TaskId): void {
    const row = rows.get(id);
    if (row !== undefined && row.finishedAt > 0) row.record = undefined;
  }

  for (const [index, { isLoaded }] of lives.entries()) {
    const [first] = histories[index] ?? [];
    if (isLoaded && first !== undefined) rows.load(first.id, first);
  }
  rows.loaded();
  const tasks: TaskRecord[] = [];
  for (const [index, life] of lives.entries()) {
    const history = histories[index] ?? [];
    for (const task of life.isLoaded ? history.slice(1) : history) rows.put(task);
    const last = history.at(-1);
    if (last === undefined) continue;
    disk.set(last.id, last);
    if (life.isHeld) held.add(last.id);
    if (life.isReleased) release(last.id);
    if (life.isRemoved) replica.hide(last);
    else tasks.push(last);
  }
  const stateOf = (task: TaskRecord): TaskState => {
    const answers = !held.has(task.id);
    return shownState(task, { now: noon, votersAnswer: answers, ownerAnswers: answers });
  };
  const nodeIdOf = (name: string): NodeId | undefined => nodes.get(name);
  return {
    listing: createListing({ replica, store, stateOf, nodeIdOf }),
    replica,
    disk,
    tasks,
    stateOf,
    releaseWhileReading() {
      releasesWhileReading = true;
    },
  };
}

const nodes: ReadonlyMap<string, NodeId> = new Map([
  ["rabbit", ada],
  ["otter", ben],
]);

function taskAt(index: number, life: Life, step: Step): TaskRecord {
  const started = {
    at: noon,
    node: step.owner,
    pid: 1,
    worker: "rabbit-1",
    typeDigest: "",
    timeoutMs: 0,
    typeEnvironment: {},
  };
  const value = valueAt(step);
  const late = { kind: "error", at: noon } as const;
  return storedTask(index, {
    createdAt: life.createdAt,
    decided: {
      epoch: 0,
      value,
      spec: {
        ...spec,
        type: life.type,
        tags: life.tags,
        environment: { WORD: life.word },
        ...(life.key === null ? {} : { key: life.key }),
        ...(life.notBefore === null ? {} : { notBefore: life.notBefore }),
      },
    },
    started: step.isStarted ? { [value.n]: started } : {},
    late: step.isLate ? { [value.n]: late } : {},
  });
}

function valueAt({ phase, paused, why, outcome, finishedAt, owner }: Step): Value {
  switch (phase) {
    case "OPEN":
      return open({ paused });
    case "CLAIMED":
      return claimed({ owner });
    case "CLOSED":
      return closed({
        why,
        owner,
        ...(outcome === null ? {} : { outcome: { kind: outcome, at: finishedAt } }),
      });
  }
}

function byAge(a: TaskRecord, b: TaskRecord): number {
  return a.createdAt - b.createdAt || (a.id < b.id ? -1 : 1);
}

/** What is asked about, of one task. */
interface Facts {
  readonly state: TaskState;
  readonly task: TaskRecord;
  /** NaN compares with nothing: a task that has not ended ended at no time. */
  readonly finishedAt: number;
  readonly owner: NodeId | undefined;
}

type Clause<F extends keyof TaskFilter> = (asked: Required<TaskFilter>[F], facts: Facts) => boolean;

/** What each field of a question means. */
const clauses: { readonly [F in keyof TaskFilter]-?: Clause<F> } = {
  states: (states, { state }) => states.includes(state),
  types: (asked, { task }) => asked.includes(task.decided.spec.type),
  requiredTags: (asked, { task }) => asked.every((tag) => task.decided.spec.tags.includes(tag)),
  maxTags: (asked, { task }) => task.decided.spec.tags.every((tag) => asked.includes(tag)),
  createdAfter: (from, { task }) => task.createdAt >= from,
  createdBefore: (to, { task }) => task.createdAt < to,
  finishedAfter: (from, { finishedAt }) => finishedAt >= from,
  finishedBefore: (to, { finishedAt }) => finishedAt < to,
  node: (name, { owner }) => owner !== undefined && owner === nodes.get(name),
  search(text, { task }) {
    const { type, key = "", tags: named, environment } = task.decided.spec;
    const words = [task.id, type, key, ...named, ...Object.values(environment)];
    return words.some((word) => word.toLowerCase().includes(text.toLowerCase()));
  },
};

function matches(
  { stateOf }: { stateOf(task: TaskRecord): TaskState },
  task: TaskRecord,
  filter: TaskFilter,
): boolean {
  const { value } = task.decided;
  const ended = value.phase === "CLOSED" ? (value.outcome?.at ?? task.createdAt) : Number.NaN;
  const owner = value.phase === "OPEN" || value.phase === "MOVED" ? undefined : value.owner;
  const facts = { state: stateOf(task), task, finishedAt: ended, owner };
  return Object.entries(filter).every(([field, asked]) =>
    (clauses[field as keyof TaskFilter] as (asked: unknown, facts: Facts) => boolean)(asked, facts),
  );
}
