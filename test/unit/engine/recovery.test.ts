/**
 * Goal: a daemon that comes back finds every task as it was, starts none twice and loses no
 * outcome; a store that fails costs nothing that was answered.
 * Method: engines one after the other on the same disk and runner, without a goodbye; a database
 * that fails when told to.
 */
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { diskFull, endFaults, setFault } from "../../doubles/faulty-level.ts";
import { createEngineWorld, type EngineWorld } from "../../support/engine-world.ts";

let world: EngineWorld;

beforeEach(async () => {
  world = await createEngineWorld();
});

afterEach(async () => {
  endFaults();
  await world.dispose();
});

describe("a daemon that comes back", () => {
  it("adopts what runs, settles what ended meanwhile, and starts what waited", async () => {
    const runs = await world.submit({});
    const ends = await world.submit({});
    const waits = await world.submit({});
    const silent = { started: () => {}, ended: () => {}, voided: () => {} };
    world.runner.listen(silent);
    world.runner.end(ends.id, { exitCode: 4 });
    const next = await world.restart();
    expect(await next.reaches(ends.id, "ERROR")).toMatchObject({ exitCode: 4 });
    expect(await next.find(runs.id)).toMatchObject({ state: "RUNNING", pid: runs.pid });
    await next.reaches(waits.id, "RUNNING");
    next.runner.end(runs.id);
    await next.reaches(runs.id, "SUCCESS");
    expect(world.runner.launched.map(({ id }) => id)).toEqual([runs.id, ends.id, waits.id]);
  });

  it("lets the keeper forget an end that was stored and not acknowledged", async () => {
    const { runner } = world;
    const { id } = await world.submit({});
    world.kill();
    const [request] = runner.launched;
    if (request === undefined) throw new Error("nothing was started");
    // As of a task that the store knows to have ended: the daemon has nothing to ask about it.
    runner.launch({ ...request, attempt: 7 });
    runner.end(id);
    world = await world.restart();
    expect(await runner.inquire(request.id, 7)).toMatchObject({ kind: "vanished" });
    expect(await world.find(id)).toMatchObject({ state: "RUNNING", attempt: 1 });
  });

  it("calls unsafe tasks lost after a reboot, runs safe ones again and skips others", async () => {
    const { runner } = world;
    const safe = await world.submit({ type: "again" });
    const forget = await world.submit({ type: "forget" });
    runner.reboot();
    const next = await world.restart();
    expect(await next.reaches(forget.id, "SKIPPED")).toMatchObject({ attempt: 1 });
    await next.clock.run(2_000);
    expect(await next.reaches(safe.id, "RUNNING")).toMatchObject({ attempt: 2 });

    const unsafe = await next.submit({});
    runner.reboot();
    const last = await next.restart();
    expect((await last.reaches(unsafe.id, "LOST")).reason).toContain("nobody was watching");
    expect(runner.launched.filter(({ id }) => id === unsafe.id)).toHaveLength(1);
  });

  it("starts a task again that was claimed and never started", async () => {
    world.runner.refuse("no keeper");
    const task = await world.submit({});
    expect(world.runner.launched).toHaveLength(0);
    world.runner.refuse(undefined);
    const next = await world.restart();
    await next.clock.run(1_500);
    expect(await next.reaches(task.id, "RUNNING")).toMatchObject({ attempt: 2 });
    expect(world.runner.launched).toHaveLength(1);
  });

  it("keeps added workers, pauses and priorities", async () => {
    const { control } = world.engine;
    await control.addWorkers(["gpu"], 1, "added");
    await control.addWorkers(["once"], 1, "attached");
    const next = await world.restart();
    const workers = await next.engine.control.workers();
    expect(workers.map(({ kind }) => kind).toSorted()).toEqual(["added", "node", "node"]);
    expect((await next.submit({ type: "gpu" })).state).toBe("RUNNING");
  });

  it("tries again where no keeper can be started, a second apart", async () => {
    world.runner.refuse("no keeper");
    const task = await world.submit({});
    await world.clock.run(3_500);
    world.runner.refuse(undefined);
    await world.clock.run(2_000);
    expect((await world.reaches(task.id, "RUNNING")).attempt).toBeGreaterThan(2);
    expect(world.runner.launched).toHaveLength(1);
  });
});

describe("a store that fails", () => {
  it("refuses what can't be stored, and goes on once it can, with nothing lost", async () => {
    const { control } = world.engine;
    const runs = await world.submit({});
    await world.submit({});
    const waits = await world.submit({});
    setFault("batch", diskFull);
    await expect(world.submit({})).rejects.toMatchObject({ code: "STORE_UNAVAILABLE" });
    await expect(control.cancel(waits.id)).rejects.toMatchObject({ code: "STORE_UNAVAILABLE" });
    expect(control.status()).toMatchObject({ ready: false });
    expect((await world.find(runs.id)).state).toBe("HELD");
    expect((await world.find(waits.id)).state).toBe("WAITING");
    world.runner.end(runs.id, { exitCode: 9 });
    await world.clock.run(5_000);
    expect(control.status().ready).toBe(false);

    endFaults();
    await world.clock.run(30_000);
    expect(await world.reaches(runs.id, "ERROR")).toMatchObject({ exitCode: 9 });
    await world.reaches(waits.id, "RUNNING");
    expect(control.status()).toMatchObject({ ready: true, problems: [] });
    expect((await world.submit({})).state).toBe("WAITING");
    expect(await control.count({})).toBe(4);
  });

  it("starts no task whose claim did not get to the disk, and starts it once later", async () => {
    const first = await world.submit({});
    await world.submit({});
    const waits = await world.submit({});
    setFault("batch", diskFull);
    world.runner.end(first.id);
    await world.clock.run(1_000);
    expect(world.runner.launched).toHaveLength(2);
    endFaults();
    await world.clock.run(30_000);
    await world.reaches(first.id, "SUCCESS");
    await world.reaches(waits.id, "RUNNING");
    expect(world.runner.launched.map(({ id }) => id)).toContain(waits.id);
    expect(world.runner.launched).toHaveLength(3);
  });
});
