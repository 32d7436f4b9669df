/**
 * Goal: what has ended long ago leaves with all that belongs to it, never comes back, and takes
 * nothing with it that is still needed.
 * Method: a whole engine on doubles, over days of a clock that the test moves; what is on disk is
 * read past the engine.
 */
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import type { NodeId, TaskId } from "../../../src/core/ids.ts";
import { limits } from "../../../src/core/limits.ts";
import { hasGone } from "../../../src/core/register/gone.ts";
import type { TableName } from "../../../src/core/stored-tables.ts";
import type { EnginePorts } from "../../../src/engine/deps.ts";
import type { Control } from "../../../src/ports/control.ts";
import type { Store, StoreOperation } from "../../../src/ports/store.ts";
import { diskFull, endFaults, setFault } from "../../doubles/faulty-level.ts";
import { createEngineWorld, type EngineWorld } from "../../support/engine-world.ts";

let world: EngineWorld;
let control: Control;
let batches: (readonly StoreOperation[])[];
let scan: Store["scan"] | undefined;
let beforeRemoval: (() => Promise<void>) | undefined;

beforeEach(async () => {
  batches = [];
  scan = beforeRemoval = undefined;
  world = await createEngineWorld({}, wrap);
  ({ control } = world.engine);
});

afterEach(async () => {
  endFaults();
  await world.dispose();
});

function wrap(ports: EnginePorts): EnginePorts {
  const { store, files } = ports;
  return {
    ...ports,
    store: {
      ...store,
      write(operations) {
        batches.push(operations);
        return store.write(operations);
      },
      scan: (table, range) => (scan ?? store.scan)(table, range),
    },
    files: {
      ...files,
      async remove(id) {
        await beforeRemoval?.();
        await files.remove(id);
      },
    },
  };
}

const roundMs = 10 * 60_000;
const dayMs = 24 * 3_600_000;

async function settle(): Promise<void> {
  for (let turn = 0; turn < 30; turn += 1) await world.clock.run(0);
}

/** Lets so much time pass, in steps that leave rounds the turns they need. */
async function pass(ms: number): Promise<void> {
  for (let left = ms; left > 0; left -= roundMs) {
    world.clock.advance(Math.min(left, roundMs));
    await settle();
  }
}

async function ended(fields: Parameters<EngineWorld["submit"]>[0] = {}): Promise<TaskId> {
  const { id } = await world.submit(fields);
  await world.reaches(id, "RUNNING");
  world.runner.end(id);
  await world.reaches(id, "SUCCESS");
  return id as TaskId;
}

async function keysOf(table: TableName): Promise<readonly string[]> {
  const keys: string[] = [];
  for await (const { key } of world.store.scan(table)) keys.push(key);
  return keys;
}

async function upload(content: string) {
  return control.upload(
    (async function* () {
      yield new TextEncoder().encode(content);
    })(),
  );
}

describe("a task past its retention", () => {
  it("leaves with its register and its results, and not a moment before", async () => {
    const id = await ended();
    expect(world.files.has(id)).toBe(true);
    await pass(limits.retentionMs - roundMs);
    expect((await world.find(id)).state).toBe("SUCCESS");
    await pass(2 * roundMs);
    await expect(world.find(id)).rejects.toMatchObject({ code: "TASK_UNKNOWN" });
    expect(await control.count({})).toBe(0);
    expect(await keysOf("task")).toEqual([]);
    expect(await keysOf("register")).toEqual([]);
    expect(await keysOf("journal")).toEqual([]);
    expect(world.files.has(id)).toBe(false);
  });

  it("counts from its end, whenever it was submitted", async () => {
    const { id } = await world.submit({});
    await world.reaches(id, "RUNNING");
    await pass(limits.retentionMs + dayMs);
    world.runner.end(id);
    await pass(dayMs);
    expect((await world.find(id)).state).toBe("SUCCESS");
    await pass(limits.retentionMs);
    await expect(world.find(id)).rejects.toMatchObject({ code: "TASK_UNKNOWN" });
  }, 60_000);

  it("leaves its number in the batch in which it goes, so that no id comes back", async () => {
    const ids = [await ended(), await ended()];
    await pass(limits.retentionMs + 2 * roundMs);
    const going = batches.filter((operations) =>
      operations.some(({ kind, table }) => kind === "delete" && table === "task"),
    );
    expect(going).toHaveLength(1);
    const deleted = going[0]?.flatMap(({ kind, key }) => (kind === "delete" ? [key] : []));
    expect(deleted?.toSorted()).toEqual(ids.flatMap((id) => [id, `${id}/0`]).toSorted());
    const gone = await world.store.get("gone", "node-1");
    expect([1, 2, 3].map((seq) => hasGone(gone ?? {}, 1, seq))).toEqual([true, true, false]);

    // A disk that was set back gives the same numbers again: their tasks are refused.
    world.kill();
    await world.store.write([{ kind: "put", table: "meta", key: "boot", value: 0 }]);
    world = await world.restart();
    await expect(world.submit({})).rejects.toMatchObject({ code: "INTERNAL" });
    await expect(world.submit({})).rejects.toMatchObject({ code: "INTERNAL" });
    expect((await world.submit({})).state).toBe("RUNNING");
    expect(world.runner.launched).toHaveLength(3);
  });

  it("goes also where it was removed before, also after a restart", async () => {
    const [first, second] = [await ended(), await ended()];
    await control.remove(first);
    world = await world.restart();
    ({ control } = world.engine);
    await control.remove(second);
    expect(await keysOf("task")).toHaveLength(2);
    await pass(limits.retentionMs + 2 * roundMs);
    expect(await keysOf("task")).toEqual([]);
    expect(await keysOf("register")).toEqual([]);
    const gone = await world.store.get("gone", "node-1");
    expect(hasGone(gone ?? {}, 1, 1) && hasGone(gone ?? {}, 1, 2)).toBe(true);
  });

  it("leaves whatever its end was, and open tasks stay for ever", async () => {
    const { id: waiting } = await world.submit({ type: "gpu" });
    const { id: cancelled } = await world.submit({ type: "gpu" });
    const { id: expired } = await world.submit({ type: "gpu", expires: world.clock.now() + 1 });
    await control.cancel(cancelled);
    await pass(limits.retentionMs + 2 * roundMs);
    expect(await keysOf("task")).toEqual([waiting]);
    await expect(world.find(expired)).rejects.toMatchObject({ code: "TASK_UNKNOWN" });
    expect((await world.find(waiting)).state).toBe("WAITING");
  });

  it("of another origin leaves its number with that origin", async () => {
    await ended();
    world = await world.restart({ nodeId: "node-2" as NodeId });
    ({ control } = world.engine);
    await ended();
    await pass(limits.retentionMs + 2 * roundMs);
    expect([...(await keysOf("gone"))].toSorted()).toEqual(["node-1", "node-2"]);
    expect(await keysOf("task")).toEqual([]);
  });

  it("leaves in batches where there are many", async () => {
    for (let count = 0; count < 450; count += 1) await world.submit({ type: "gpu" });
    const page = { limit: 450, offset: 0, newestFirst: false };
    const open = await control.list({}, page);
    await Promise.all(open.map(({ id }) => control.cancel(id)));
    await pass(limits.retentionMs + 2 * roundMs);
    expect(await control.count({})).toBe(0);
    const sizes = batches.map(
      (operations) =>
        operations.filter(({ kind, table }) => kind === "delete" && table === "task").length,
    );
    expect(sizes.filter((size) => size > 0)).toEqual([200, 200, 50]);
  });

  it("stays where the store fails, and goes when it works again", async () => {
    const id = await ended();
    await pass(limits.retentionMs - roundMs);
    setFault("batch", diskFull);
    await pass(2 * roundMs);
    endFaults();
    await pass(roundMs);
    expect(control.status().ready).toBe(true);
    await pass(2 * roundMs);
    expect(await keysOf("task")).toEqual([]);
    const gone = await world.store.get("gone", "node-1");
    expect(hasGone(gone ?? {}, 1, 1)).toBe(true);
    await expect(world.find(id)).rejects.toMatchObject({ code: "TASK_UNKNOWN" });
  });

  it("frees its key, and a new task under it is not taken along", async () => {
    const submission = { type: "gpu", environment: {}, tags: [], files: [], key: "nightly" };
    const first = (await control.submit(submission, "local")).task.id;
    await control.cancel(first);
    await pass(limits.retentionMs - roundMs);
    const { promise, resolve } = Promise.withResolvers<void>();
    beforeRemoval = () => promise;
    await pass(2 * roundMs);
    const meanwhile = await control.submit(submission, "local");
    await settle();
    resolve();
    await settle();
    const { task, created } = meanwhile.created
      ? meanwhile
      : await control.submit(submission, "local");
    expect({ id: task.id, created }).toEqual({ id: first, created: true });
    await settle();
    expect((await world.find(first)).state).toBe("WAITING");
    expect(await control.count({})).toBe(1);
    expect(await keysOf("task")).toEqual([first]);
    expect(await keysOf("register")).toEqual([`${first}/0`]);
  });
});

describe("an upload", () => {
  it("stays as long as a task that names it is known, and leaves when none does", async () => {
    const blob = await upload("data");
    const file = { ...blob, path: "in.txt" };
    const first = await ended({ files: [file] });
    await pass(dayMs);
    expect(world.files.blobs()).toEqual([blob.sha256]);
    const again = await control.retry(first, "local");
    await world.reaches(again.id, "RUNNING");
    world.runner.end(again.id);
    await pass(limits.retentionMs - dayMs + 2 * roundMs);
    await expect(world.find(first)).rejects.toMatchObject({ code: "TASK_UNKNOWN" });
    expect(world.files.blobs()).toEqual([blob.sha256]);
    await pass(dayMs);
    expect(world.files.blobs()).toEqual([]);
  });

  it("that no task names leaves after an hour, and that of a removed task as well", async () => {
    const kept = await upload("young");
    const removed = await ended({ files: [{ ...(await upload("removed")), path: "a" }] });
    const { id } = await world.submit({ type: "gpu", files: [{ ...kept, path: "a" }] });
    await upload("never named");
    await control.remove(removed);
    await pass(roundMs);
    expect(world.files.blobs()).toHaveLength(3);
    await pass(3_600_000);
    expect(world.files.blobs()).toEqual([kept.sha256]);
    expect((await world.find(id)).state).toBe("WAITING");
  });

  it("is not thrown away while the store is away or being read", async () => {
    const blob = await upload("data");
    await world.submit({ type: "gpu", files: [{ ...blob, path: "in.txt" }] });
    await pass(dayMs);
    const { promise, resolve } = Promise.withResolvers<void>();
    scan = async function* (table, range) {
      if (table === "task") await promise;
      yield* world.store.scan(table, range);
    };
    setFault("batch", diskFull);
    await expect(world.submit({})).rejects.toMatchObject({ code: "STORE_UNAVAILABLE" });
    endFaults();
    await pass(3 * roundMs);
    expect(control.status().ready).toBe(false);
    expect(world.files.blobs()).toEqual([blob.sha256]);
    resolve();
    await pass(roundMs);
    expect(control.status().ready).toBe(true);
    expect(world.files.blobs()).toEqual([blob.sha256]);
  });
});

describe("a janitor that is stopped", () => {
  it("takes nothing any more", async () => {
    await ended();
    await world.engine.stop({ stopTasks: false });
    await pass(limits.retentionMs + 2 * roundMs);
    expect(await keysOf("task")).toHaveLength(1);
  });
});
