/**
 * Goal: a disk that is full when a task's directory is to be made delays the task, and ends none.
 * Method: a whole engine on doubles, whose files fail when told to.
 */

import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { BlanketError } from "../../../src/core/errors.ts";
import { createEngineWorld, type EngineWorld } from "../../support/engine-world.ts";

let world: EngineWorld;

beforeEach(async () => {
  world = await createEngineWorld({ slots: 1 });
});

afterEach(() => world.dispose());

/** From now on no directory can be made, for this reason; gives what mends it. */
function failWith(errno: string): () => void {
  const { prepare } = world.files;
  const files: { prepare: typeof prepare } = world.files;
  files.prepare = async () => {
    throw new BlanketError("STORE_UNAVAILABLE", `it failed with ${errno}`, { errno });
  };
  return () => {
    files.prepare = prepare;
  };
}

describe("a directory that can't be made", () => {
  it("for want of room is tried again, in the same attempt, until there is room", async () => {
    const mend = failWith("ENOSPC");
    const task = await world.submit({});
    await world.clock.run(30_000);
    expect((await world.find(task.id)).state).toBe("CLAIMED");
    expect(world.runner.launched).toEqual([]);
    mend();
    await world.clock.run(2_000);
    expect(await world.reaches(task.id, "RUNNING")).toMatchObject({ attempt: 1 });
  });

  it("does not keep a cancel waiting for room", async () => {
    failWith("ENOSPC");
    const task = await world.submit({});
    const answer = world.engine.control.cancel(task.id);
    await world.clock.run(2_000);
    expect(await answer).toMatchObject({ state: "STOPPED", reason: "cancelled before it started" });
  });

  it("is left to the next start where the node stops meanwhile", async () => {
    const mend = failWith("EMFILE");
    const task = await world.submit({});
    const stopped = world.engine.stop({ stopTasks: false });
    await world.clock.run(2_000);
    await stopped;
    mend();
    const next = await world.restart();
    await next.clock.run(2_000);
    expect((await next.reaches(task.id, "RUNNING")).attempt).toBe(2);
  });

  it("for another reason ends the task, saying why", async () => {
    failWith("ENOTDIR");
    const task = await world.submit({});
    expect((await world.reaches(task.id, "ERROR")).reason).toBe("it failed with ENOTDIR");
  });
});
