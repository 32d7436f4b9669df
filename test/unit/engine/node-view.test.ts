/**
 * Goal: a node tells of itself what is true now: its slots, its tasks by state, its problems.
 * Method: a whole engine on doubles.
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

async function settle(): Promise<void> {
  for (let turn = 0; turn < 10; turn += 1) await world.clock.run(0);
}

describe("a node", () => {
  it("tells its slots as they fill, its tags, and where it listens", async () => {
    const { control } = world.engine;
    await world.submit({});
    await control.addWorkers(["gpu"], 2, "added");
    expect(await control.nodes()).toMatchObject([
      {
        id: "node-1",
        name: "rabbit",
        state: "alive",
        tags: ["linux", "unix"],
        slots: { total: 4, free: 3 },
        addresses: ["http://127.0.0.1:8773"],
        boot: 1,
      },
    ]);
    world = await world.restart();
    expect(await world.engine.control.node("rabbit")).toMatchObject({
      boot: 2,
      slots: { total: 4, free: 3 },
    });
  });

  it("is found by its name, its id and the beginning of it, and by nothing else", async () => {
    const { control } = world.engine;
    for (const given of ["rabbit", "node-1", "node", "n"]) {
      expect((await control.node(given)).name).toBe("rabbit");
    }
    for (const given of ["", "rab", "node-2", "hare"]) {
      await expect(control.node(given)).rejects.toMatchObject({ code: "NODE_UNKNOWN" });
    }
  });
});

describe("its status", () => {
  it("counts tasks by the state that users see", async () => {
    const { control } = world.engine;
    expect(control.status()).toMatchObject({
      ready: true,
      problems: [],
      tasks: {},
      queues: { open: 0, waiting: 0, running: 0 },
    });
    const first = await world.submit({});
    await world.submit({});
    await world.submit({});
    await settle();
    expect(control.status()).toMatchObject({
      tasks: { RUNNING: 2, WAITING: 1 },
      queues: { open: 1, waiting: 1, running: 2 },
    });
    await world.submit({ notBefore: world.clock.now() + 60_000 });
    await control.pause((await world.submit({})).id);
    world.runner.end(first.id, { exitCode: 1 });
    await settle();
    expect(control.status()).toMatchObject({
      tasks: { RUNNING: 2, SCHEDULED: 1, PAUSED: 1, ERROR: 1 },
      queues: { open: 2, waiting: 0, running: 2 },
    });
    expect(control.status().tasks.WAITING).toBeUndefined();
  });

  it("says why it is not ready", async () => {
    const { control } = world.engine;
    setFault("batch", diskFull);
    await expect(world.submit({})).rejects.toMatchObject({ code: "STORE_UNAVAILABLE" });
    const { ready, problems } = control.status();
    expect(ready).toBe(false);
    expect(problems).toEqual([expect.stringContaining("the disk is full")]);
    endFaults();
    await world.clock.run(1_000);
    await settle();
    expect(control.status()).toMatchObject({ ready: true, problems: [] });
    await world.engine.stop({ stopTasks: false });
    expect(control.status()).toMatchObject({ ready: false, problems: ["it is stopping"] });
  });

  it("is what the gauges read", async () => {
    await world.submit({});
    await world.submit({ type: "gpu" });
    await settle();
    const { gaugeValue } = world.metrics;
    const names = ["tasks_open", "tasks_running", "tasks_known", "slots_total", "slots_free"];
    expect(names.map((name) => gaugeValue(name as never))).toEqual([1, 1, 2, 2, 1]);
  });
});
