/**
 * Goal: a task goes from submission to outcome as CONTRACT and PROTOCOL say, and users see what is
 * true at each step.
 * Method: a whole engine on doubles; the runner is told by the test when a run ends, and time moves
 * only when the test moves it.
 */
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { afterEach, beforeEach, describe, expect, it } from "vitest";

import type { ShownTask } from "../../../src/core/task/shown-task.ts";
import { createEngineWorld, type EngineWorld } from "../../support/engine-world.ts";

let world: EngineWorld;

beforeEach(async () => {
  world = await createEngineWorld();
});

afterEach(() => world.dispose());

async function stateOf({ id }: { readonly id: string }): Promise<ShownTask["state"]> {
  return (await world.find(id)).state;
}

/** Submits as many tasks as there are slots, so that what follows must wait. */
async function fillSlots(): Promise<readonly ShownTask[]> {
  return [await world.submit({}), await world.submit({})];
}

describe("a submission", () => {
  it("runs at once where a worker is free, and ends as its command does", async () => {
    const task = await world.submit({});
    expect(task.state).toBe("RUNNING");
    world.runner.end(task.id);
    const ended = await world.engine.control.wait(task.id as never, AbortSignal.timeout(1_000));
    expect(ended).toMatchObject({ state: "SUCCESS", exitCode: 0, attempt: 1, progress: 100 });
    expect(world.runner.acknowledged).toEqual([`${task.id}/1`]);
  });

  it("shows the exit code of a failure, and the signal that ended a command", async () => {
    const [first, second] = await fillSlots();
    world.runner.end(first?.id ?? "", { exitCode: 3 });
    world.runner.end(second?.id ?? "", {
      cause: "exited",
      exitCode: undefined,
      signal: "SIGSEGV",
    } as never);
    await world.clock.run(0);
    expect(await world.find(first?.id ?? "")).toMatchObject({ state: "ERROR", exitCode: 3 });
    expect(await world.find(second?.id ?? "")).toMatchObject({ state: "ERROR", signal: "SIGSEGV" });
  });

  it("waits with a reason while the slots are busy, and runs when one is free", async () => {
    const [first] = await fillSlots();
    const task = await world.submit({});
    expect(task).toMatchObject({ state: "WAITING", reason: "both slots of rabbit are busy" });
    world.runner.end(first?.id ?? "");
    await world.reaches(task.id, "RUNNING");
    expect(await stateOf(task)).toBe("RUNNING");
  });

  it("is picked by priority, then age", async () => {
    const [first] = await fillSlots();
    const low = await world.submit({ priority: -1 });
    const early = await world.submit({});
    world.clock.advance(5);
    const late = await world.submit({});
    const high = await world.submit({ priority: 5 });
    let ends = first?.id ?? "";
    for (const next of [high, early, late, low]) {
      world.runner.end(ends);
      await world.clock.run(0);
      expect(await stateOf(next)).toBe("RUNNING");
      ends = next.id;
    }
  });

  it("that no worker can run is taken with a warning, and runs once one can", async () => {
    const { control } = world.engine;
    const gpu = { type: "gpu", environment: {}, tags: [], files: [] };
    const { task, warnings } = await control.submit(gpu, "local");
    expect(warnings).toEqual(["no live node has tag gpu"]);
    expect(task.reason).toBe("no live node has tag gpu");
    await control.addWorkers(["gpu"], 1, "added");
    await world.reaches(task.id, "RUNNING");
    expect(await stateOf(task)).toBe("RUNNING");
  });

  it("gives its command the type's defaults, its own values and what Blanket tells it", async () => {
    await world.submit({ type: "asks", environment: { WORD: "it's" } });
    const request = world.runner.launched[0];
    expect(request?.argv).toEqual(["bash", "-c", String.raw`echo 'it'\''s'`]);
    expect(request?.environment).toMatchObject({
      PATH: "/usr/bin:/bin",
      WORD: "it's",
      COLOUR: "red",
      BLANKET_ATTEMPT: "1",
      BLANKET_NODE: "rabbit",
      BLANKET_URL: "http://127.0.0.1:8773",
      BLANKET_APP_TASK_ID: request?.id,
      BLANKET_APP_SERVER_PORT: "8773",
      BLANKET_APP_WORKER_PID: "4242",
    });
  });

  it("is refused with a sentence where its type or a variable is missing", async () => {
    await expect(world.submit({ type: "plian" })).rejects.toMatchObject({
      code: "TYPE_UNKNOWN",
      message: expect.stringContaining("did you mean plain?"),
    });
    await expect(world.submit({ type: "broken" })).rejects.toMatchObject({ code: "TYPE_INVALID" });
    await expect(world.submit({ type: "asks" })).rejects.toMatchObject({
      code: "VARIABLE_MISSING",
      message: expect.stringContaining("WORD"),
    });
    const long = "x".repeat(49 * 1_024);
    await expect(world.submit({ environment: { LONG: long } })).rejects.toMatchObject({
      code: "SPEC_TOO_LARGE",
    });
  });
});

describe("time", () => {
  it("holds a task until its notBefore", async () => {
    const task = await world.submit({ notBefore: world.clock.now() + 60_000 });
    expect(task.state).toBe("SCHEDULED");
    await world.clock.run(59_000);
    expect(await stateOf(task)).toBe("SCHEDULED");
    await world.clock.run(2_000);
    expect(await stateOf(task)).toBe("RUNNING");
  });

  it("expires a task that nobody claimed in its time, and not one that runs", async () => {
    const running = await world.submit({ expires: world.clock.now() + 1_000 });
    await world.submit({});
    const waiting = await world.submit({ expires: world.clock.now() + 1_000 });
    await world.clock.run(1_500);
    expect(await stateOf(waiting)).toBe("EXPIRED");
    expect(await stateOf(running)).toBe("RUNNING");
  });

  it("is read again when the wall clock was set while a task waited for it", async () => {
    const task = await world.submit({ notBefore: world.clock.now() + 3_600_000 });
    world.clock.jump(3_600_000);
    await world.clock.run(61_000);
    expect(await stateOf(task)).toBe("RUNNING");
  });
});

describe("retries", () => {
  it("follow a failure after the delay, up to the attempts of the policy", async () => {
    const task = await world.submit({ type: "stubborn" });
    for (const attempt of [1, 2]) {
      world.runner.end(task.id, { exitCode: 1 });
      await world.clock.run(0);
      expect(await world.find(task.id)).toMatchObject({
        state: "SCHEDULED",
        reason: "waits before its next attempt",
        attempt,
      });
      await world.clock.run(10_000);
      expect(await stateOf(task)).toBe("RUNNING");
    }
    world.runner.end(task.id, { exitCode: 7 });
    await world.clock.run(0);
    const ended = await world.find(task.id);
    expect(ended).toMatchObject({ state: "ERROR", exitCode: 7, attempt: 3 });
    expect(ended.attempts.map(({ exitCode }) => exitCode)).toEqual([1, 1, 7]);
    expect(world.runner.launched.map(({ attempt }) => attempt)).toEqual([1, 2, 3]);
  });

  it("do not follow a success, or a cancel", async () => {
    const good = await world.submit({ type: "stubborn" });
    world.runner.end(good.id);
    const cancelled = await world.submit({ type: "stubborn" });
    await world.engine.control.cancel(cancelled.id);
    await world.clock.run(60_000);
    expect(await stateOf(good)).toBe("SUCCESS");
    expect(await stateOf(cancelled)).toBe("STOPPED");
    expect(world.runner.launched).toHaveLength(2);
  });

  it("by hand make a new task like the old one", async () => {
    const old = await world.submit({ environment: { A: "1" }, key: "once" });
    await world.reaches(old.id, "RUNNING");
    world.runner.end(old.id, { exitCode: 1 });
    await world.clock.run(0);
    const { control } = world.engine;
    const next = await control.retry(old.id, "local");
    expect(next).toMatchObject({ retryOf: old.id, key: null, attempt: 1 });
    const another = await control.retry(old.id, "local");
    expect(another.id).not.toBe(next.id);
    await expect(control.retry(next.id, "local")).rejects.toMatchObject({
      code: "TRANSITION_ILLEGAL",
    });
  });
});

describe("a type file that changes between submission and start", () => {
  it("runs as it stands at the start", async () => {
    const [first] = await fillSlots();
    const task = await world.submit({});
    writeFileSync(join(world.types, "plain.toml"), 'command = "echo edited"');
    world.runner.end(first?.id ?? "");
    await world.clock.run(0);
    expect(world.runner.launched.at(-1)).toMatchObject({
      id: task.id,
      argv: ["bash", "-c", "echo edited"],
    });
  });

  it("keeps the task waiting with a reason while it is gone or broken", async () => {
    const [first] = await fillSlots();
    const task = await world.submit({});
    const file = join(world.types, "plain.toml");
    rmSync(file);
    world.runner.end(first?.id ?? "");
    await world.clock.run(2_000);
    expect(await world.find(task.id)).toMatchObject({
      state: "WAITING",
      reason: "no live node has the task type plain",
    });
    writeFileSync(file, "command = 7");
    expect((await world.find(task.id)).reason).toContain("does not load");
    writeFileSync(file, 'command = "true"');
    await world.clock.run(2_000);
    expect(await stateOf(task)).toBe("RUNNING");
  });

  it("ends the task where it now needs what was not given", async () => {
    const [first] = await fillSlots();
    const task = await world.submit({});
    writeFileSync(join(world.types, "plain.toml"), 'command = "echo {{.NEW}}"');
    world.runner.end(first?.id ?? "");
    const ended = await world.reaches(task.id, "ERROR");
    expect(ended.reason).toContain("NEW");
    expect(world.runner.launched).toHaveLength(2);
  });
});
