/**
 * Goal: workers are slots with tags that come, pause and go as users say, under ids that are never
 * given twice, and that are on disk before anybody is told.
 * Method: a whole engine on doubles.
 */
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { limits } from "../../../src/core/limits.ts";
import type { Control } from "../../../src/ports/control.ts";
import { diskFull, endFaults, failAfterBatch, setFault } from "../../doubles/faulty-level.ts";
import { createEngineWorld, type EngineWorld } from "../../support/engine-world.ts";

let world: EngineWorld;
let control: Control;

beforeEach(async () => {
  world = await createEngineWorld({ slots: 1 });
  ({ control } = world.engine);
});

afterEach(async () => {
  endFaults();
  await world.dispose();
});

async function restart(): Promise<void> {
  world = await world.restart();
  ({ control } = world.engine);
}

async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await world.clock.run(0);
}

async function comesBack(): Promise<void> {
  await settle();
  endFaults();
  for (let second = 0; second < 100 && !control.status().ready; second += 1) {
    await world.clock.run(1_000);
    await settle();
  }
}

async function ids(kind?: string): Promise<readonly string[]> {
  const workers = await control.workers();
  return workers.filter((worker) => worker.kind === (kind ?? worker.kind)).map(({ id }) => id);
}

async function addOne(kind: "added" | "attached" = "added", tags = ["gpu"]): Promise<string> {
  const [worker] = await control.addWorkers(tags, 1, kind);
  return worker?.id ?? "";
}

describe("a worker that is stopped", () => {
  it("is gone at once where it is idle, and for good", async () => {
    const id = await addOne();
    expect(await control.stopWorker(id)).toMatchObject({ id, state: "stopping" });
    expect(await ids("added")).toEqual([]);
    await restart();
    expect(await ids("added")).toEqual([]);
    await expect(control.stopWorker(id)).rejects.toMatchObject({ code: "WORKER_UNKNOWN" });
  });

  it("ends after the task that it runs, and takes no other", async () => {
    const id = await addOne();
    const running = await world.submit({ type: "gpu" });
    const waiting = await world.submit({ type: "gpu" });
    expect((await control.worker(id)).task).toBe(running.id);
    expect((await control.stopWorker(id)).state).toBe("stopping");
    expect(await ids("added")).toEqual([id]);
    world.runner.end(running.id);
    await settle();
    expect(await ids("added")).toEqual([]);
    expect((await world.find(running.id)).state).toBe("SUCCESS");
    expect(await world.find(waiting.id)).toMatchObject({
      state: "WAITING",
      reason: "no live node has tag gpu",
    });
  });

  it("while it runs a task does not come back with a restart, and the task lives on", async () => {
    const id = await addOne();
    const task = await world.submit({ type: "gpu" });
    await control.stopWorker(id);
    await restart();
    expect(await ids("added")).toEqual([]);
    expect(await world.find(task.id)).toMatchObject({ state: "RUNNING", workerId: id });
    world.runner.end(task.id);
    expect((await world.reaches(task.id, "SUCCESS")).workerId).toBe(id);
  });

  it("goes with its connection while the store is away, where it is attached", async () => {
    const id = await addOne("attached");
    const kept = await addOne("added");
    setFault("batch", diskFull);
    await expect(addOne()).rejects.toMatchObject({ code: "STORE_UNAVAILABLE" });
    await control.stopWorker(id);
    expect(await ids("attached")).toEqual([]);
    await expect(control.stopWorker(kept)).rejects.toMatchObject({ code: "STORE_UNAVAILABLE" });
    await comesBack();
    expect([await ids("attached"), await ids("added")]).toEqual([[], [kept]]);
  });

  it("may be one of the node's own slots", async () => {
    await control.stopWorker("rabbit-1");
    const task = await world.submit({});
    expect(task).toMatchObject({ state: "WAITING", reason: "no live node takes work" });
    await restart();
    expect(await ids()).toEqual(["rabbit-1"]);
    await world.reaches(task.id, "RUNNING");
  });
});

describe("a paused worker", () => {
  it("finishes its task, takes no other, and goes on when it is resumed", async () => {
    const running = await world.submit({});
    const waiting = await world.submit({});
    expect((await control.pauseWorker("rabbit-1")).state).toBe("running");
    world.runner.end(running.id);
    await settle();
    expect((await control.worker("rabbit-1")).state).toBe("paused");
    expect((await world.find(waiting.id)).reason).toBe("no live node takes work");
    expect((await control.resumeWorker("rabbit-1")).state).toBe("running");
    expect((await world.reaches(waiting.id, "RUNNING")).workerId).toBe("rabbit-1");
  });

  it("is refused what it is already, and what it can't be any more", async () => {
    const illegal = { code: "TRANSITION_ILLEGAL" };
    await expect(control.resumeWorker("rabbit-1")).rejects.toMatchObject(illegal);
    await control.pauseWorker("rabbit-1");
    await expect(control.pauseWorker("rabbit-1")).rejects.toMatchObject(illegal);
    await control.resumeWorker("rabbit-1");
    await world.submit({});
    await control.stopWorker("rabbit-1");
    await expect(control.pauseWorker("rabbit-1")).rejects.toMatchObject(illegal);
  });

  it("that was added stays paused over a restart; a slot of the node does not", async () => {
    const id = await addOne();
    await control.pauseWorker(id);
    await control.pauseWorker("rabbit-1");
    await restart();
    expect((await control.worker(id)).state).toBe("paused");
    expect((await control.worker("rabbit-1")).state).toBe("idle");
  });
});

describe("ids of workers", () => {
  it("are never given twice, over stops and restarts", async () => {
    const given: string[] = [];
    for (let round = 0; round < 3; round += 1) {
      for (const kind of ["added", "attached", "added"] as const) given.push(await addOne(kind));
      await control.stopWorker(given.at(-1) ?? "");
      await restart();
    }
    given.push(await addOne());
    expect(new Set(given).size).toBe(10);
    expect((await ids("added")).length).toBe(4);
    expect(await ids("node")).toEqual(["rabbit-1"]);
  });

  it("may be given by a unique beginning, and name one worker where several begin so", async () => {
    const workers = await control.addWorkers(["gpu"], 11, "added");
    const [first] = workers;
    expect((await control.worker(first?.id ?? "")).id).toBe(first?.id);
    expect(await control.workerId("rabbit-1")).toBe("rabbit-1");
    await expect(control.worker("rabbit-added")).rejects.toMatchObject({ code: "ID_AMBIGUOUS" });
    await expect(control.worker("hare")).rejects.toMatchObject({ code: "WORKER_UNKNOWN" });
    await expect(control.worker("")).rejects.toMatchObject({ code: "WORKER_UNKNOWN" });
  });
});

describe("adding workers", () => {
  it("is refused past the most that a node may have, and adds none then", async () => {
    const left = limits.slotsMax - 1;
    const full = { code: "QUEUE_FULL" };
    await expect(control.addWorkers(["a"], left + 1, "added")).rejects.toMatchObject(full);
    expect(await ids()).toEqual(["rabbit-1"]);
    expect(await control.addWorkers(["a"], left, "attached")).toHaveLength(left);
    await expect(control.addWorkers(["a"], 1, "attached")).rejects.toMatchObject(full);
  });

  it.each(["added", "attached"] as const)(
    "leaves none that could not be stored (%s)",
    async (kind) => {
      setFault("batch", diskFull);
      await expect(control.addWorkers(["gpu"], 2, kind)).rejects.toMatchObject({
        code: "STORE_UNAVAILABLE",
      });
      await comesBack();
      expect(await ids()).toEqual(["rabbit-1"]);
      await addOne(kind);
      expect(await ids(kind)).toHaveLength(1);
    },
  );

  it("has what got to disk though its batch failed, as a restart would", async () => {
    const paused = await addOne();
    const stopped = await addOne();
    failAfterBatch(diskFull);
    const failed = { code: "STORE_UNAVAILABLE" };
    await expect(control.pauseWorker(paused)).rejects.toMatchObject(failed);
    await comesBack();
    expect((await control.worker(paused)).state).toBe("paused");
    setFault("batch", diskFull);
    await expect(control.resumeWorker(paused)).rejects.toMatchObject(failed);
    await comesBack();
    expect((await control.worker(paused)).state).toBe("paused");
    setFault("batch", diskFull);
    await expect(control.stopWorker(stopped)).rejects.toMatchObject(failed);
    await comesBack();
    expect((await control.worker(stopped)).state).toBe("idle");
  });

  it("has the same tags in whatever order for one kind of slot", async () => {
    await control.addWorkers(["gpu", "linux"], 1, "added");
    await control.addWorkers(["linux", "gpu"], 1, "added");
    const tasks = [];
    for (let count = 0; count < 3; count += 1) tasks.push(await world.submit({ type: "gpu" }));
    expect(tasks.map(({ state }) => state)).toEqual(["RUNNING", "RUNNING", "WAITING"]);
    expect(tasks[2]?.reason).toBe("both slots of rabbit are busy");
  });
});

describe("a worker with tags", () => {
  it("takes tasks that need no more than it has, and leaves the others", async () => {
    await control.pauseWorker("rabbit-1");
    const id = await addOne("added", ["gpu", "big"]);
    const needsMore = await world.submit({ type: "gpu", tags: ["small"] });
    const needsLess = await world.submit({ tags: ["big"] });
    expect(needsMore).toMatchObject({ state: "WAITING", reason: "no live node has tag small" });
    expect(needsLess).toMatchObject({ state: "RUNNING", workerId: id });
  });
});
