/**
 * Goal: a record that can't be believed is said and never acted upon: nothing starts twice because
 * of it, and what it was about is held or left out.
 * Method: a whole engine on doubles; bytes of chosen records change on disk.
 */
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import type { NodeId } from "../../../src/core/ids.ts";
import { damage, diskFull, endFaults, setFault } from "../../doubles/faulty-level.ts";
import { createEngineWorld, type EngineWorld } from "../../support/engine-world.ts";

let world: EngineWorld;

beforeEach(async () => {
  world = await createEngineWorld();
});

afterEach(async () => {
  endFaults();
  await world.dispose();
});

async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await world.clock.run(0);
}

/** As if the daemon were killed, and came back to a disk on which this record has changed. */
async function restartDamaged(...databaseKeys: readonly string[]): Promise<void> {
  world.kill();
  for (const key of databaseKeys) damage(key);
  world = await world.restart();
  await settle();
}

const refusal = { code: "TRANSITION_ILLEGAL" };

describe("a damaged register", () => {
  it("holds its task with the reason, and refuses whatever would decide about it", async () => {
    const { id } = await world.submit({ type: "gpu" });
    await restartDamaged(`reg!${id}/0`);
    expect(await world.find(id)).toMatchObject({
      state: "HELD",
      reason: "this node's vote on it is damaged or missing",
    });
    const { control } = world.engine;
    for (const decide of [control.cancel, control.remove, control.pause]) {
      await expect(decide(id)).rejects.toMatchObject(refusal);
    }
    expect(await control.count({ states: ["HELD"] })).toBe(1);
    expect(control.status()).toMatchObject({
      ready: true,
      problems: ["1 record on disk is damaged and was left out"],
      store: { damaged: 1 },
      tasks: { HELD: 1 },
    });
    await control.addWorkers(["gpu"], 1, "added");
    await settle();
    expect(world.runner.launched).toEqual([]);
  });

  it("of a running task holds it, and gives its worker back when the command has ended", async () => {
    const { id } = await world.submit({});
    await restartDamaged(`reg!${id}/0`);
    expect((await world.find(id)).state).toBe("HELD");
    world.runner.end(id);
    await settle();
    expect((await world.find(id)).state).toBe("HELD");
    const workers = await world.engine.control.workers();
    expect(workers.map(({ state }) => state)).toEqual(["idle", "idle"]);
    expect(world.runner.acknowledged).toEqual([]);
  });
});

describe("a held task that is dropped by force", () => {
  it("is lost for whoever waits for it, or follows its log", async () => {
    const { id } = await world.submit({});
    await restartDamaged(`reg!${id}/0`);
    const { control } = world.engine;
    const { signal } = new AbortController();
    const wait = control.wait(id as never, signal);
    const all = { streams: ["stdout"], from: { stdout: 0, stderr: 0 }, follow: true } as const;
    const events = await control.log(id, all, signal);
    const last = (async () => {
      let seen: unknown;
      for await (const event of events) seen = event;
      return seen;
    })();
    await settle();
    expect(await control.remove(id, true)).toMatchObject({ id, state: "LOST" });
    expect(await wait).toMatchObject({ state: "LOST" });
    expect(await last).toEqual({ kind: "end", state: "LOST" });
  });
});

describe("a damaged task record", () => {
  it("lets the keeper forget no ends: one of them may be its own", async () => {
    const { runner } = world;
    const { id } = await world.submit({});
    world.kill();
    runner.end(id, { exitCode: 3 });
    await restartDamaged(`task!${id}`);
    expect(await runner.inquire(id as never, 1)).toMatchObject({ end: { exitCode: 3 } });
  });

  it("is left out, counted and said; the others are there", async () => {
    const lost = await world.submit({ type: "gpu" });
    const kept = await world.submit({ type: "gpu" });
    await restartDamaged(`task!${lost.id}`);
    const { control } = world.engine;
    const page = { limit: 10, offset: 0, newestFirst: false };
    expect((await control.list({}, page)).map(({ id }) => id)).toEqual([kept.id]);
    for (const id of [lost.id, lost.id.slice(0, 13)]) {
      await expect(control.find(id)).rejects.toMatchObject({ code: "RECORD_DAMAGED" });
    }
    await expect(control.cancel(lost.id)).rejects.toMatchObject({ code: "RECORD_DAMAGED" });
    expect(control.status()).toMatchObject({
      problems: ["1 record on disk is damaged and was left out"],
    });
  });

  it("that somebody waits for keeps nobody else from going on", async () => {
    const { id } = await world.submit({ type: "gpu" });
    const gone = new AbortController();
    const wait = world.engine.control.wait(id as never, gone.signal);
    setFault("batch", diskFull);
    await expect(world.submit({})).rejects.toMatchObject({ code: "STORE_UNAVAILABLE" });
    endFaults();
    damage(`task!${id}`);
    await world.clock.run(600);
    await settle();
    expect(world.engine.control.status().ready).toBe(true);
    expect((await world.submit({})).state).toBe("RUNNING");
    gone.abort();
    await expect(wait).rejects.toMatchObject({ code: "RECORD_DAMAGED" });
  });

  it("under a key is told to whoever submits that key again", async () => {
    const { id } = await world.submit({ key: "nightly", type: "gpu" });
    await restartDamaged(`task!${id}`);
    await expect(world.submit({ key: "nightly", type: "gpu" })).rejects.toMatchObject({
      code: "RECORD_DAMAGED",
    });
  });
});

describe("a damaged journal", () => {
  it("starts nothing twice: what the keeper knows is believed", async () => {
    const runs = await world.submit({});
    const ended = await world.submit({});
    world.kill();
    world.runner.end(ended.id, { exitCode: 6 });
    await restartDamaged(`jrnl!${runs.id}/1`, `jrnl!${ended.id}/1`);
    expect(await world.find(runs.id)).toMatchObject({ state: "RUNNING", pid: runs.pid });
    expect(await world.find(ended.id)).toMatchObject({ state: "ERROR", exitCode: 6, attempt: 1 });
    world.runner.end(runs.id);
    await settle();
    expect((await world.find(runs.id)).state).toBe("SUCCESS");
    expect(world.runner.launched).toHaveLength(2);
  });

  it("of an attempt that nobody knows is taken for a lost one: it may have been started", async () => {
    const { id } = await world.submit({});
    world.kill();
    world.runner.reboot();
    await restartDamaged(`jrnl!${id}/1`);
    await world.clock.run(10_000);
    expect(await world.find(id)).toMatchObject({ state: "LOST", attempt: 1 });
    expect(world.runner.launched).toHaveLength(1);
  });
});

describe("a node with a new identity on an old disk", () => {
  it("holds what only the old one could decide, keeps what has ended, and runs new tasks", async () => {
    const ended = await world.submit({});
    world.runner.end(ended.id);
    await world.reaches(ended.id, "SUCCESS");
    const running = await world.submit({});
    await world.submit({});
    const waiting = await world.submit({});
    world = await world.restart({ nodeId: "node-2" as NodeId });
    const held = "its voters are not reachable (this node has a new identity)";
    for (const { id } of [running, waiting]) {
      expect(await world.find(id)).toMatchObject({ state: "HELD", reason: held });
      await expect(world.engine.control.cancel(id)).rejects.toMatchObject(refusal);
      await expect(world.engine.control.remove(id)).rejects.toMatchObject(refusal);
    }
    expect((await world.find(ended.id)).state).toBe("SUCCESS");
    const fresh = [await world.submit({}), await world.submit({})];
    expect(fresh.map(({ state }) => state)).toEqual(["RUNNING", "RUNNING"]);
    expect(world.engine.control.status().tasks).toEqual({ HELD: 3, RUNNING: 2, SUCCESS: 1 });
    await world.engine.control.remove(ended.id);
    const again = await world.engine.control.retry((await run(fresh[0]?.id)).id, "local");
    await world.reaches(again.id, "RUNNING");
  });

  async function run(id = "") {
    world.runner.end(id);
    return world.reaches(id, "SUCCESS");
  }
});
