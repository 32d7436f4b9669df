/**
 * Goal: nobody is told what is not on disk, memory holds a bounded part of the history, and the
 * rest is read when it is asked for.
 * Method: the replica and its rows alone, on a store whose batches and reads the test lets through.
 */
import { describe, expect, it } from "vitest";

import type { TaskId } from "../../../src/core/ids.ts";
import { limits } from "../../../src/core/limits.ts";
import type { Value } from "../../../src/core/register/value.ts";
import type { TaskRecord } from "../../../src/core/task/record.ts";
import { createReplica, type Replica } from "../../../src/engine/replica.ts";
import type { Store, StoreOperation } from "../../../src/ports/store.ts";
import { storedTask, taskIdAt } from "../../support/stored.ts";
import { claimed, closed, noon, open, spec } from "../../support/values.ts";

interface World {
  readonly replica: Replica;
  readonly disk: Map<string, TaskRecord>;
  readonly reads: string[];
  /** Writes in flight, oldest first. */
  readonly batches: { readonly land: () => void; readonly fail: () => void }[];
}

function createWorld(): World {
  const disk = new Map<string, TaskRecord>();
  const batches: World["batches"] = [];
  const reads: string[] = [];
  const store = {
    write(operations: readonly StoreOperation[]) {
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      const land = (): void => {
        for (const operation of operations) {
          if (operation.kind === "put" && operation.table === "task") {
            disk.set(operation.key, operation.value);
          }
        }
        resolve();
      };
      batches.push({ land, fail: () => reject(new Error("disk full")) });
      return promise;
    },
    get(_table: string, key: string) {
      reads.push(key);
      return Promise.resolve(disk.get(key));
    },
  } as unknown as Store;
  return { replica: createReplica(store), disk, reads, batches };
}

function task(number: number, value: Value): TaskRecord {
  return storedTask(number, { decided: { epoch: 0, value, spec } });
}

const ended = (): Value => closed({ outcome: { kind: "success", at: noon + 1 } });

function begin({ replica }: World, record: TaskRecord) {
  return replica.begin({ record, register: undefined });
}

describe("what is shown", () => {
  it("is what is on disk: a task before its first batch is not there", async () => {
    const world = createWorld();
    const { replica, batches } = world;
    const record = task(1, open());
    const live = begin(world, record);
    const commit = replica.commit(live, live.working);
    expect(() => replica.resolve(record.id)).toThrow("no task starts with");
    expect(await replica.fetch(record.id)).toBeUndefined();
    expect(replica.rows.size()).toBe(0);
    batches[0]?.land();
    await commit;
    expect(replica.resolve(record.id.slice(0, 4))).toBe(record.id);
    expect(await replica.fetch(record.id)).toBe(record);
  });

  it("changes when each batch has landed, and not where one failed", async () => {
    const world = createWorld();
    const { replica, batches } = world;
    const versions = [task(1, open()), task(1, claimed()), task(1, ended())];
    const [first, second, third] = versions;
    const live = begin(world, first as TaskRecord);
    const commits = versions.map((record) => replica.commit(live, { record, register: undefined }));
    expect(live.working.record).toBe(third);
    const seen: (TaskRecord | undefined)[] = [];
    replica.watch(live.id, (record) => seen.push(record));
    batches[0]?.land();
    await commits[0];
    expect(await replica.fetch(live.id)).toBe(first);
    batches[1]?.land();
    await commits[1];
    expect(await replica.fetch(live.id)).toEqual(second);
    batches[2]?.fail();
    await expect(commits[2]).rejects.toThrow("disk full");
    expect(await replica.fetch(live.id)).toEqual(second);
    expect(seen).toEqual([first, second]);
  });

  it("keeps that a run was started, which is told before it is stored", async () => {
    const world = createWorld();
    const { replica, batches } = world;
    const live = begin(world, task(1, claimed()));
    const first = replica.commit(live, live.working);
    batches[0]?.land();
    await first;
    const stop = task(1, claimed({ stop: true }));
    const second = replica.commit(live, { record: stop, register: undefined });
    const started = { 2: { at: noon } } as unknown as TaskRecord["started"];
    replica.show(live, { ...(live.shown as TaskRecord), started });
    batches[1]?.land();
    await second;
    expect((await replica.fetch(live.id))?.started).toEqual(started);
    expect((await replica.fetch(live.id))?.decided.value).toMatchObject({ stop: true });
  });
});

describe("closed tasks", () => {
  it("leave memory when there are many, and are read from disk when they are asked for", async () => {
    const world = createWorld();
    const { replica, batches, reads } = world;
    const count = limits.recentRecordsMax + 3;
    for (let number = 0; number < count; number += 1) {
      const live = begin(world, task(number, ended()));
      const commit = replica.commit(live, live.working);
      batches[number]?.land();
      await commit;
    }
    expect(replica.liveCount()).toBe(0);
    const kept = [...Array(count).keys()].filter(
      (number) => replica.rows.get(taskIdAt(number))?.record !== undefined,
    );
    expect(kept).toHaveLength(limits.recentRecordsMax);
    expect(kept[0]).toBe(3);
    expect(await replica.fetch(taskIdAt(2))).toEqual(task(2, ended()));
    expect(await replica.fetch(taskIdAt(3))).toEqual(task(3, ended()));
    expect(reads).toEqual([taskIdAt(2)]);
    expect(replica.resolve(taskIdAt(0))).toBe(taskIdAt(0));
  });

  it("that were removed are read from disk and found by no prefix", async () => {
    const world = createWorld();
    const record = { ...task(1, ended()), removed: true };
    world.disk.set(record.id, record);
    world.replica.rows.put(record);
    world.replica.hide(record);
    expect(() => world.replica.resolve(record.id)).toThrow("There are no tasks yet");
    expect(await world.replica.fetch(record.id)).toBe(record);
    expect([...world.replica.removed]).toEqual([[record.id, noon + 1]]);
  });
});

describe("the beginning of an id", () => {
  const ids = [
    "0e4f61d2-0000-8000-8000-000000000001",
    "0e4f61d2-0000-8000-8000-000000000002",
    "0e5a0000-0000-8000-8000-000000000003",
    "9ab03c11-0000-8000-8000-000000000004",
  ].map((id) => id as TaskId);

  function filled(): Replica {
    const { replica } = createWorld();
    for (const id of ids) replica.rows.put({ ...task(1, open()), id });
    return replica;
  }

  it.each([
    ["9", 3],
    ["0e5", 2],
    ["0E5A", 2],
    ["0e4f61d2-0000-8000-8000-000000000002", 1],
  ])("that only one task has names it (%s)", (prefix, index) => {
    expect(filled().resolve(prefix)).toBe(ids[index]);
  });

  it.each(["0", "0e", "0e4f61d2", "0e4f61d2-0000-8000-8000-00000000000"])(
    "that several have is ambiguous (%s)",
    (prefix) => {
      expect(() => filled().resolve(prefix)).toThrow(/several tasks start with/);
    },
  );

  it.each(["", "x", "1", "0e4f61d3", "9ab03c11-0000-8000-8000-0000000000044", "9ab0 "])(
    "that none has is unknown, with how many there are (%s)",
    (prefix) => {
      expect(() => filled().resolve(prefix)).toThrow(/`blanket ps -a` lists all 4\./);
    },
  );
});
