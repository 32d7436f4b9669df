/**
 * Goal: what users do to tasks is decided once, answered when it is true, and refused with a
 * sentence where it is too late.
 * Method: a whole engine on doubles.
 */
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import type { NodeId } from "../../../src/core/ids.ts";
import type { Control } from "../../../src/ports/control.ts";
import { damage, endFaults } from "../../doubles/faulty-level.ts";
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

describe("cancel", () => {
  it("of a waiting task is answered at once, and the task never starts", async () => {
    const running = await world.submit({});
    const waiting = await world.submit({});
    expect(await control.cancel(waiting.id)).toMatchObject({
      state: "STOPPED",
      reason: "cancelled before it started",
      attempt: 0,
    });
    world.runner.end(running.id);
    await world.clock.run(5_000);
    expect(world.runner.launched).toHaveLength(1);
  });

  it("of a running task is answered once its processes are gone", async () => {
    const task = await world.submit({});
    world.runner.deafen(true);
    const answer = control.cancel(task.id);
    await world.clock.run(5_000);
    expect((await world.find(task.id)).state).toBe("RUNNING");
    world.runner.end(task.id, { cause: "stopped", signal: "SIGKILL" });
    expect(await answer).toMatchObject({ state: "STOPPED", signal: "SIGKILL" });
  });

  it("tells the truth where the command was faster", async () => {
    const task = await world.submit({});
    world.runner.deafen(true);
    const answer = control.cancel(task.id);
    await world.clock.run(0);
    world.runner.end(task.id, { exitCode: 0 });
    expect((await answer).state).toBe("SUCCESS");
  });

  it("may be asked for twice, and is refused once the task has ended", async () => {
    const task = await world.submit({});
    world.runner.deafen(true);
    const answers = Promise.all([control.cancel(task.id), control.cancel(task.id)]);
    await world.clock.run(0);
    world.runner.end(task.id, { cause: "stopped" });
    expect((await answers).map(({ state }) => state)).toEqual(["STOPPED", "STOPPED"]);
    await expect(control.cancel(task.id)).rejects.toMatchObject({ code: "TRANSITION_ILLEGAL" });
  });
});

describe("pause", () => {
  it("keeps a task from being claimed until it is resumed", async () => {
    const running = await world.submit({});
    const waiting = await world.submit({});
    expect((await control.pause(waiting.id)).state).toBe("PAUSED");
    world.runner.end(running.id);
    await world.clock.run(1_000);
    expect((await world.find(waiting.id)).state).toBe("PAUSED");
    await control.resume(waiting.id);
    expect((await world.reaches(waiting.id, "RUNNING")).attempt).toBe(1);
  });

  it("is refused twice in a row, and for a task that runs", async () => {
    const running = await world.submit({});
    const waiting = await world.submit({});
    await control.pause(waiting.id);
    for (const id of [waiting.id, running.id]) {
      await expect(control.pause(id)).rejects.toMatchObject({ code: "TRANSITION_ILLEGAL" });
    }
    await expect(control.resume(running.id)).rejects.toMatchObject({ code: "TRANSITION_ILLEGAL" });
  });
});

describe("remove", () => {
  it("stops a running task first, then takes it and its files away", async () => {
    const task = await world.submit({});
    expect(await control.remove(task.id)).toMatchObject({ id: task.id, state: "STOPPED" });
    await expect(control.find(task.id)).rejects.toMatchObject({ code: "TASK_UNKNOWN" });
    expect(await control.list({}, { limit: 10, offset: 0, newestFirst: false })).toEqual([]);
    expect(world.files.has(task.id as never)).toBe(false);
    expect(await control.count({})).toBe(0);
  });

  it("holds over a restart", async () => {
    const task = await world.submit({});
    world.runner.end(task.id);
    await world.reaches(task.id, "SUCCESS");
    await control.remove(task.id);
    const next = await world.restart();
    await expect(next.engine.control.find(task.id)).rejects.toMatchObject({ code: "TASK_UNKNOWN" });
  });
});

describe("remove of a task that nothing can be decided about", () => {
  const refusal = { code: "TRANSITION_ILLEGAL" };

  it("is refused, and done where it is forced, for good", async () => {
    const { id } = await world.submit({ type: "gpu" });
    world = await world.restart({ nodeId: "node-2" as NodeId });
    ({ control } = world.engine);
    await expect(control.remove(id)).rejects.toMatchObject(refusal);
    await expect(control.remove(id)).rejects.toThrow("blanket rm --force");
    await control.remove(id, true);
    await expect(control.find(id)).rejects.toMatchObject({ code: "TASK_UNKNOWN" });
    world = await world.restart();
    expect(await world.engine.control.count({})).toBe(0);
  });

  it("ends what runs of it, and its worker is free again", async () => {
    const { id } = await world.submit({});
    const next = await world.submit({});
    world.kill();
    damage(`reg!${id}/0`);
    world = await world.restart();
    ({ control } = world.engine);
    expect(await world.find(id)).toMatchObject({ state: "HELD", attempt: 1 });
    await expect(control.remove(id)).rejects.toMatchObject(refusal);
    await control.remove(id, true);
    await world.reaches(next.id, "RUNNING");
    expect(world.runner.running().map((run) => run.id)).toEqual([next.id]);
  });

  it("that can be cancelled is no other remove", async () => {
    const task = await world.submit({});
    expect(await control.remove(task.id, true)).toMatchObject({ state: "STOPPED" });
  });
});

describe("a key", () => {
  const same = { key: "nightly", environment: { DAY: "1" } };

  it("makes one task, however often and at once it is submitted", async () => {
    const answers = await Promise.all([1, 2, 3].map(() => control.submit(submission(same), "a")));
    expect(new Set(answers.map(({ task }) => task.id)).size).toBe(1);
    expect(answers.map(({ created }) => created)).toEqual([true, false, false]);
    await world.reaches(answers[0]?.task.id ?? "", "RUNNING");
    expect(world.runner.launched).toHaveLength(1);
  });

  it("is refused for something else, also after the task has ended or was removed", async () => {
    const { task } = await control.submit(submission(same), "a");
    const other = submission({ ...same, environment: { DAY: "2" } });
    await expect(control.submit(other, "a")).rejects.toMatchObject({ code: "KEY_REUSED" });
    await world.reaches(task.id, "RUNNING");
    await control.remove(task.id);
    await expect(control.submit(other, "a")).rejects.toMatchObject({ code: "KEY_REUSED" });
    expect(await control.submit(submission(same), "b")).toMatchObject({
      created: false,
      task: { id: task.id, state: "STOPPED" },
    });
  });

  it("does not mind other times", async () => {
    const first = await control.submit(submission(same), "a");
    const later = { ...same, expires: world.clock.now() + 1_000 };
    expect(await control.submit(submission(later), "a")).toMatchObject({
      created: false,
      task: { id: first.task.id },
    });
  });
});

describe("ids", () => {
  it("may be given by a unique beginning", async () => {
    const { id } = await world.submit({});
    expect((await control.find(id.slice(0, 4))).id).toBe(id);
    await expect(control.find("zz")).rejects.toMatchObject({ code: "TASK_UNKNOWN" });
    await expect(control.find("")).rejects.toMatchObject({ code: "TASK_UNKNOWN" });
  });

  it("are ambiguous where several tasks begin so", async () => {
    const tasks = await Promise.all(Array.from({ length: 17 }, () => world.submit({})));
    const digits = tasks.map(({ id }) => id.charAt(0));
    const twice = digits.find((digit, index) => digits.indexOf(digit) !== index) ?? "";
    await expect(control.find(twice)).rejects.toMatchObject({ code: "ID_AMBIGUOUS" });
  });
});

function submission(fields: Partial<Parameters<Control["submit"]>[0]>) {
  return { type: "plain", environment: {}, tags: [], files: [], ...fields };
}
