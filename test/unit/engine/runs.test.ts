/**
 * Goal: between its claim and its start a task can still be cancelled, and what was begun for a
 * claim that is known no longer starts nothing.
 * Method: a whole engine on doubles, with directories that take as long as the test wants.
 */
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import type { EnginePorts } from "../../../src/engine/deps.ts";
import { diskFull, endFaults, setFault } from "../../doubles/faulty-level.ts";
import { createEngineWorld, type EngineWorld } from "../../support/engine-world.ts";

let world: EngineWorld;
let directories: PromiseWithResolvers<void>;

beforeEach(async () => {
  directories = Promise.withResolvers();
  world = await createEngineWorld({ slots: 1 }, wrap);
});

afterEach(async () => {
  endFaults();
  await world.dispose();
});

function wrap(ports: EnginePorts): EnginePorts {
  const { files } = ports;
  const prepare: typeof files.prepare = async (plan) => {
    await files.prepare(plan);
    await directories.promise;
  };
  return { ...ports, files: { ...files, prepare } };
}

async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await world.clock.run(0);
}

describe("a task whose directory is being made", () => {
  it("is cancelled without a start, and gives its worker to the next", async () => {
    const task = await world.submit({});
    expect(task.state).toBe("CLAIMED");
    const answer = world.engine.control.cancel(task.id);
    await settle();
    expect((await world.find(task.id)).state).toBe("CLAIMED");
    directories.resolve();
    expect(await answer).toMatchObject({
      state: "STOPPED",
      reason: "cancelled before it started",
    });
    const next = await world.submit({});
    await world.reaches(next.id, "RUNNING");
    expect(world.runner.launched.map(({ id }) => id)).toEqual([next.id]);
  });

  it("is started once, by the claim that came after the store was away", async () => {
    const task = await world.submit({});
    setFault("batch", diskFull);
    await expect(world.submit({})).rejects.toMatchObject({ code: "STORE_UNAVAILABLE" });
    endFaults();
    await world.clock.run(600);
    await settle();
    directories.resolve();
    await settle();
    expect(await world.find(task.id)).toMatchObject({ state: "RUNNING", attempt: 2 });
    expect(world.runner.launched.map(({ attempt }) => attempt)).toEqual([2]);
  });

  it("that can't be made ends with the reason", async () => {
    const task = await world.submit({});
    directories.reject(new Error("no space left"));
    expect(await world.reaches(task.id, "ERROR")).toMatchObject({ reason: "no space left" });
    expect(world.runner.launched).toEqual([]);
  });
});
