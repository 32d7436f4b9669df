/**
 * Goal: a keeper that is killed costs the outcomes of what it ran, and nothing else: those tasks go
 * on, their end is told as LOST with the reason, or they run again where that is safe; others run.
 * Method: keepers are killed with -9 under running tasks, with the daemon alive, before it is
 * started again, and together with it. Each start of a task appends a line to a witness file.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterEach, beforeEach, describe, expect, it } from "vitest";

import type { ShownTask } from "../../src/core/task/shown-task.ts";
import { eventually } from "../support/eventually.ts";
import { isAlive } from "../support/keeper.ts";
import { keeperPid, killKeeper, startTestNode, type TestNode } from "../support/node.ts";
import { bashTask } from "../support/tasks.ts";

let node: TestNode;
let place: string;
let witness: string;

beforeEach(async () => {
  place = mkdtempSync(join(tmpdir(), "blanket-witness-"));
  witness = join(place, "witness");
  node = await startTestNode({ args: ["--slots", "4"] });
});

afterEach(async () => {
  await node.dispose();
  rmSync(place, { recursive: true, force: true });
});

describe("a keeper that is killed", () => {
  it("under a living daemon takes no task with it, and another one starts the next", async () => {
    const [lost, rerun, skipped] = await start("hold", "rerun", "skip");
    const first = keeperPid(node.dataDirectory);
    await killKeeper(node.dataDirectory);
    const next = await node.submit(bashTask(witnessed("exit 3")));
    // What was said to the dead keeper is voided and claimed anew: one start, a second attempt.
    expect((await node.reaches(next.id, "ERROR")).exitCode).toBe(3);
    expect(keeperPid(node.dataDirectory)).not.toBe(first);
    expect(await shown(lost, rerun, skipped)).toEqual([
      [lost.pid, "RUNNING"],
      [rerun.pid, "RUNNING"],
      [skipped.pid, "RUNNING"],
    ]);
    expect([lost, rerun, skipped].map(({ pid }) => isAlive(pid))).toEqual([true, true, true]);
    go();
    expect(await node.reaches(lost.id, "LOST")).toMatchObject({
      attempt: 1,
      exitCode: null,
      reason: expect.stringMatching(/keeper was killed, so nobody saw its end/i) as string,
    });
    expect(await node.reaches(rerun.id, "SUCCESS")).toMatchObject({ attempt: 2, exitCode: 0 });
    expect((await node.task(rerun.id)).attempts[0]).toMatchObject({
      attempt: 1,
      reason: expect.stringContaining("nobody saw its end") as string,
    });
    expect(await node.reaches(skipped.id, "SKIPPED")).toMatchObject({ attempt: 1 });
    expect(startsOf(lost, rerun, skipped, next)).toEqual([1, 2, 1, 1]);
  });

  it("leaves its tasks to be cancelled and timed out by the next one", async () => {
    const body = { timeout: "2s", environment: { FOR: "time" } };
    const [cancelled] = await start("hold");
    const timed = await node.submit(bashTask(witnessed("while :; do sleep 0.1; done"), body));
    const { pid } = await node.reaches(timed.id, "RUNNING");
    await killKeeper(node.dataDirectory);
    const answer = await node.request("PUT", `/task/${cancelled.id}/cancel`);
    expect(await answer.json()).toMatchObject({ state: "STOPPED", attempt: 1 });
    expect(isAlive(cancelled.pid)).toBe(false);
    expect(await node.reaches(timed.id, "TIMEDOUT")).toMatchObject({ pid, attempt: 1 });
    expect(isAlive(pid)).toBe(false);
    expect(startsOf(cancelled, timed)).toEqual([1, 1]);
  });

  it("while there is no daemon is found by the next one", async () => {
    const [lost, rerun] = await start("hold", "rerun");
    await node.kill("SIGTERM");
    await killKeeper(node.dataDirectory);
    node = await node.restart();
    expect(await shown(lost, rerun)).toEqual([
      [lost.pid, "RUNNING"],
      [rerun.pid, "RUNNING"],
    ]);
    go();
    expect(await node.reaches(lost.id, "LOST")).toMatchObject({ attempt: 1 });
    expect(await node.reaches(rerun.id, "SUCCESS")).toMatchObject({ attempt: 2 });
    expect(startsOf(lost, rerun)).toEqual([1, 2]);
  });

  it("together with its daemon: tasks that ended meanwhile are LOST, too", async () => {
    const [lost, rerun, stays] = await start("hold", "rerun", "hold");
    const ended = await node.submit(bashTask(witnessed("exit 5")));
    await node.reaches(ended.id, "ERROR");
    await Promise.all([node.kill("SIGKILL"), killKeeper(node.dataDirectory)]);
    for (const { pid } of [lost, rerun]) process.kill(pid, "SIGKILL");
    await eventually("both are gone", () => !isAlive(lost.pid) && !isAlive(rerun.pid));
    go();
    node = await node.restart();
    expect(await node.reaches(lost.id, "LOST")).toMatchObject({ attempt: 1 });
    expect(await node.reaches(rerun.id, "SUCCESS")).toMatchObject({ attempt: 2 });
    expect(await node.reaches(stays.id, "LOST")).toMatchObject({ attempt: 1, pid: stays.pid });
    expect(await node.task(ended.id)).toMatchObject({ state: "ERROR", exitCode: 5 });
    expect(startsOf(lost, rerun, stays, ended)).toEqual([1, 2, 1, 1]);
  });
});

/** Tasks that run until `go`, one for each way to deal with a lost one. */
async function start(...onLost: readonly string[]): Promise<[ShownTask, ShownTask, ShownTask]> {
  const command = witnessed(`until [ -e ${place}/go ]; do sleep 0.05; done`);
  const tasks = await Promise.all(
    onLost.map((choice) => node.submit(bashTask(command, { onLost: choice }))),
  );
  const running = await Promise.all(tasks.map(({ id }) => node.reaches(id, "RUNNING")));
  return running as [ShownTask, ShownTask, ShownTask];
}

function go(): void {
  writeFileSync(join(place, "go"), "");
}

function witnessed(command: string): string {
  return `echo $BLANKET_TASK_ID >> ${witness}; ${command}`;
}

/** How many times each was started. */
function startsOf(...tasks: readonly ShownTask[]): readonly number[] {
  const ids = existsSync(witness) ? readFileSync(witness, "utf8").trim().split("\n") : [];
  return tasks.map(({ id }) => ids.filter((line) => line === id).length);
}

async function shown(...tasks: readonly ShownTask[]) {
  const now = await Promise.all(tasks.map(({ id }) => node.task(id)));
  return now.map(({ pid, state }) => [pid, state]);
}
