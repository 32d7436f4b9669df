/**
 * Goal: free workers get the task that is first for them and may run now, and no other.
 * Method: a whole engine on doubles, whose clock is set forward and back.
 */
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import type { NodeId } from "../../../src/core/ids.ts";
import type { ShownTask } from "../../../src/core/task/shown-task.ts";
import { createEngineWorld, type EngineWorld } from "../../support/engine-world.ts";

let world: EngineWorld;

beforeEach(async () => {
  world = await createEngineWorld({ slots: 1 });
});

afterEach(() => world.dispose());

const hourMs = 3_600_000;

/** States of tasks once everything that has begun is over. */
async function states(...tasks: readonly ShownTask[]): Promise<readonly ShownTask["state"][]> {
  for (let turn = 0; turn < 10; turn += 1) await world.clock.run(0);
  return Promise.all(tasks.map(async ({ id }) => (await world.find(id)).state));
}

describe("a worker that becomes free", () => {
  it("takes the next task where the first one's time is in the future again", async () => {
    const running = await world.submit({});
    const first = await world.submit({ priority: 5, notBefore: world.clock.now() + 1_000 });
    const second = await world.submit({});
    await world.clock.run(2_000);
    expect(await states(first, second)).toEqual(["WAITING", "WAITING"]);
    world.clock.jump(-hourMs);
    world.runner.end(running.id);
    expect(await states(first, second)).toEqual(["SCHEDULED", "RUNNING"]);
  });

  it("takes no task that expired a moment ago", async () => {
    const running = await world.submit({});
    const expired = await world.submit({ expires: world.clock.now() + hourMs });
    const next = await world.submit({});
    world.clock.jump(2 * hourMs);
    world.runner.end(running.id);
    expect(await states(expired, next)).toEqual(["EXPIRED", "RUNNING"]);
    expect(world.runner.launched.map(({ id }) => id)).not.toContain(expired.id);
  });
});

describe("a task that expires", () => {
  it("before it was submitted is never started", async () => {
    const task = await world.submit({ expires: world.clock.now() - 1 });
    expect(await states(task)).toEqual(["EXPIRED"]);
    expect(world.runner.launched).toEqual([]);
  });

  it("while it is paused ends then, also after a restart", async () => {
    await world.submit({});
    const soon = await world.submit({ expires: world.clock.now() + hourMs });
    const later = await world.submit({ expires: world.clock.now() + 2 * hourMs });
    for (const { id } of [soon, later]) await world.engine.control.pause(id);
    await world.clock.run(hourMs);
    expect(await states(soon, later)).toEqual(["EXPIRED", "PAUSED"]);
    world = await world.restart();
    await world.clock.run(hourMs);
    expect(await states(soon, later)).toEqual(["EXPIRED", "EXPIRED"]);
  });
});

describe("a task that nothing can be decided about", () => {
  it("stands in no line, and is counted as what it is", async () => {
    await world.submit({});
    const old = await world.submit({});
    const next = await world.restart({ nodeId: "node-2" as NodeId, slots: 0 });
    const young = await next.submit({});
    const { queues, tasks } = next.engine.control.status();
    expect(queues).toMatchObject({ open: 2, waiting: 1 });
    expect(tasks).toEqual({ HELD: 2, WAITING: 1 });
    expect((await next.find(old.id)).reason).toContain("new identity");
    expect((await next.find(young.id)).state).toBe("WAITING");
  });
});
