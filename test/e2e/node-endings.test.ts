/**
 * Goal: a task's end is told as it was, and when it is told nothing of the task is alive.
 * Method: one node runs commands that exit, crash, hide from their end, stop themselves or are
 * cancelled, removed and timed out. Their processes carry a mark in their arguments, by which the
 * test looks for them in /proc, not trusting the node.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import type { ShownTask } from "../../src/core/task/shown-task.ts";
import { eventually } from "../support/eventually.ts";
import { isAlive, processesWith } from "../support/keeper.ts";
import { killKeeper, startTestNode, type TestNode } from "../support/node.ts";
import { bashTask, endOf } from "../support/tasks.ts";

const finals = ["SUCCESS", "ERROR", "TIMEDOUT", "STOPPED", "EXPIRED", "SKIPPED", "LOST"];

let node: TestNode;
let types: string;

beforeAll(async () => {
  types = mkdtempSync(join(tmpdir(), "blanket-types-"));
  writeFileSync(join(types, "impatient.toml"), impatient);
  node = await startTestNode({ args: ["--slots", "8", "--types", types] });
});

afterAll(async () => {
  await node.dispose();
  rmSync(types, { recursive: true, force: true });
});

const impatient = `
command = 'eval "$DEFAULT_COMMAND"'
kill_grace = "800ms"
[[environment.required]]
name = "DEFAULT_COMMAND"
`;

describe("a command's end", () => {
  it.each([
    ["exit 0", { state: "SUCCESS", exitCode: 0, signal: null }],
    ["exit 1", { state: "ERROR", exitCode: 1, signal: null }],
    ["exit 255", { state: "ERROR", exitCode: 255, signal: null }],
    ["exit 137", { state: "ERROR", exitCode: 137, signal: null }],
    ["kill -SEGV $$", { state: "ERROR", exitCode: null, signal: "SIGSEGV" }],
    ["kill -KILL $$", { state: "ERROR", exitCode: null, signal: "SIGKILL" }],
    ["kill -TERM $$", { state: "ERROR", exitCode: null, signal: "SIGTERM" }],
    ["exec /nowhere/at/all", { state: "ERROR", exitCode: 127, signal: null }],
    ["no-such-program-anywhere", { state: "ERROR", exitCode: 127, signal: null }],
    ["exec >&- 2>&-; exit 4", { state: "ERROR", exitCode: 4, signal: null }],
    ["exec <&- >&- 2>&-; sleep 0.3; exit 0", { state: "SUCCESS", exitCode: 0, signal: null }],
    ["yes | head -n1 > /dev/null; exit 5", { state: "ERROR", exitCode: 5, signal: null }],
  ])("of %s is told as it was", async (command, end) => {
    expect(await ended(command)).toMatchObject({ ...end, attempt: 1 });
  });

  it("takes along what it left in the background", async () => {
    const task = await ended(`${sleeper("left")} & (setsid ${sleeper("left")} &); exit 6`);
    expect(task).toMatchObject({ state: "ERROR", exitCode: 6 });
    expect(alive("left")).toEqual([]);
  });

  it("comes after a stop and a continuation of the process, not before", async () => {
    const task = await node.submit(bashTask("kill -STOP $$; exit 9"));
    const { pid } = await node.reaches(task.id, "RUNNING");
    await eventually("it is stopped", () => statOf(pid).includes(") T "));
    expect(await node.task(task.id)).toMatchObject({ state: "RUNNING", exitCode: null });
    process.kill(pid, "SIGCONT");
    expect(await node.reaches(task.id, "ERROR")).toMatchObject({ exitCode: 9, pid });
  });
});

describe("a task that is cancelled", () => {
  it("is STOPPED with all that it started, wherever that went", async () => {
    const task = await running(
      "tree",
      4,
      `${sleeper("tree")} & (setsid ${sleeper("tree")} &); ( ( ${sleeper("tree")} ) & ) ; ${sleeper("tree")}`,
    );
    const answer = await node.request("PUT", `/task/${task.id}/cancel`);
    expect(answer.status).toBe(200);
    expect(await answer.json()).toMatchObject({ id: task.id, state: "STOPPED", attempt: 1 });
    expect(alive("tree")).toEqual([]);
  });

  it("is killed after the grace where it ignores TERM", async () => {
    const task = await running("deaf", 2, deaf("deaf"), { type: "impatient" });
    const answer = await node.request("PUT", `/task/${task.id}/cancel`);
    expect(await answer.json()).toMatchObject({ state: "STOPPED", signal: "SIGKILL" });
    expect(alive("deaf")).toEqual([]);
  });

  it("is stopped though it is not running just now", async () => {
    const task = await node.submit(bashTask("kill -STOP $$; exit 9"));
    const { pid } = await node.reaches(task.id, "RUNNING");
    await eventually("it is stopped", () => statOf(pid).includes(") T "));
    const answer = await node.request("PUT", `/task/${task.id}/cancel`);
    expect(endOf((await answer.json()) as ShownTask)).toMatchObject({ state: "STOPPED", pid });
    expect(isAlive(pid)).toBe(false);
  });

  it("twice at a time is STOPPED once, and afterwards is a conflict", async () => {
    const task = await running("twice", 1, sleeper("twice"));
    const cancel = () => node.request("PUT", `/task/${task.id}/cancel`);
    const answers = await Promise.all([cancel(), cancel(), cancel()]);
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    for (const answer of answers) expect(await answer.json()).toMatchObject({ state: "STOPPED" });
    const late = await cancel();
    expect(late.status).toBe(409);
    expect(await late.json()).toMatchObject({ code: "TRANSITION_ILLEGAL" });
  });

  it("stays so though daemon and keeper are killed while it takes its time", async () => {
    const told = join(types, "told");
    const command = `trap "touch ${told}" TERM; ${sleeper("late-cancel")} & while :; do wait; done`;
    const task = await running("late-cancel", 1, command, { type: "impatient" });
    const answer = node.request("PUT", `/task/${task.id}/cancel`).catch(() => undefined);
    await eventually("it is told to end", () => existsSync(told));
    await Promise.all([node.kill("SIGKILL"), killKeeper(node.dataDirectory)]);
    await answer;
    node = await node.restart();
    const end = await node.reaches(task.id, "STOPPED");
    expect(end).toMatchObject({ attempt: 1, pid: task.pid });
    expect(isAlive(task.pid)).toBe(false);
  });

  it("before it starts never starts", async () => {
    const task = await node.submit(bashTask("exit 0", { tags: "no-worker-has-this" }));
    const answer = await node.request("PUT", `/task/${task.id}/cancel`);
    const stopped = (await answer.json()) as ShownTask;
    expect(endOf(stopped)).toMatchObject({ state: "STOPPED", attempt: 0, pid: 0 });
    expect(stopped.reason).toBe("cancelled before it started");
  });
});

describe("a running task that is removed", () => {
  it("is ended first, and nothing of it is found afterwards", async () => {
    const task = await running("removed", 2, `${sleeper("removed")} & ${sleeper("removed")}`);
    const answer = await node.request("DELETE", `/task/${task.id}`);
    expect([answer.status, await answer.json()]).toEqual([200, { id: task.id }]);
    expect(alive("removed")).toEqual([]);
    for (const path of [`/task/${task.id}`, `/results/${task.id}/`, `/task/${task.id}/log`]) {
      expect([path, (await node.request("GET", path)).status]).toEqual([path, 404]);
    }
    expect((await node.request("DELETE", `/task/${task.id}`)).status).toBe(404);
  });
});

describe("a timeout", () => {
  it("ends all of a task, also what ignores TERM", async () => {
    const task = await running("slow", 2, deaf("slow"), { type: "impatient", timeout: "500ms" });
    const end = await node.reaches(task.id, "TIMEDOUT");
    expect(end).toMatchObject({ signal: "SIGKILL", exitCode: null, timeout: 0.5 });
    expect(alive("slow")).toEqual([]);
  });

  it("is enforced while there is no daemon, and the next one tells it", async () => {
    const task = await running("late", 2, `${sleeper("late")} & ${sleeper("late")}`, {
      timeout: "1s",
    });
    await node.kill("SIGKILL");
    await eventually("nothing of it is alive", () => alive("late").length === 0);
    node = await node.restart();
    expect(await node.reaches(task.id, "TIMEDOUT")).toMatchObject({
      pid: task.pid,
      signal: "SIGTERM",
      timeout: 1,
      attempt: 1,
    });
  });
});

async function ended(command: string): Promise<ShownTask> {
  const { id } = await node.submit(bashTask(command));
  return node.reaches(id, ...finals);
}

/** The task once `count` of its marked processes run. */
async function running(
  mark: string,
  count: number,
  command: string,
  more: Readonly<Record<string, unknown>> = {},
): Promise<ShownTask> {
  const { id } = await node.submit(bashTask(command, more));
  await eventually(`${count} of ${mark} run`, () => alive(mark).length === count);
  return node.reaches(id, "RUNNING");
}

/** A process that can be told from all others, and ends only when it is ended. */
function sleeper(mark: string): string {
  return `sh -c 'while :; do sleep 1; done' ${markOf(mark)}`;
}

/** Two of them that ignore TERM, one of which has left the group. */
function deaf(mark: string): string {
  return `trap "" TERM; setsid ${sleeper(mark)} & ${sleeper(mark)} & wait; wait; wait`;
}

function markOf(mark: string): string {
  return `${mark}-of-${node.dataDirectory.replaceAll("/", "-")}`;
}

/** Processes with the mark as their last argument. */
function alive(mark: string): readonly number[] {
  return processesWith(markOf(mark)).filter((pid) =>
    commandLine(pid).endsWith(`\0${markOf(mark)}\0`),
  );
}

function commandLine(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8");
  } catch {
    return "";
  }
}

function statOf(pid: number): string {
  return readFileSync(`/proc/${pid}/stat`, "utf8");
}
