/**
 * Goal: a node stops when it is told to, in order and with a word about what it leaves behind, and
 * at once when it is told so twice.
 * Method: real nodes with tasks that run, ended by signals as a terminal, a service manager or npm
 * send them; tasks and their processes are looked for afterwards.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync } from "node:fs";
import { get, type IncomingMessage } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterEach, describe, expect, it, onTestFinished } from "vitest";

import type { ShownTask } from "../../src/core/task/shown-task.ts";
import { eventually } from "../support/eventually.ts";
import { isAlive } from "../support/keeper.ts";
import { freePort, removeAll, startTestNode, type TestNode } from "../support/node.ts";
import { readAll } from "../support/rest.ts";
import { bashTask } from "../support/tasks.ts";

const root = new URL("../..", import.meta.url).pathname;

let node: TestNode;

afterEach(() => node.dispose());

describe("a node that is told to stop", () => {
  it.each(["SIGTERM", "SIGINT"] as const)(
    "by %s ends with 0, and says how many tasks go on and how to end them",
    async (signal) => {
      node = await startTestNode({ args: ["--slots", "3"] });
      const tasks = await runningTasks(3);
      await node.kill(signal);
      expect([node.process.exitCode, node.process.signalCode]).toEqual([0, null]);
      expect(node.output()).toContain("The node stops; 3 tasks go on running");
      expect(node.output()).toMatch(/To end them: .*`blanket cancel all`.*--stop-tasks/);
      expect(tasks.map(({ pid }) => isAlive(pid))).toEqual([true, true, true]);
    },
  );

  it("says that nothing runs where nothing does", async () => {
    node = await startTestNode();
    await node.kill("SIGINT");
    expect(node.process.exitCode).toBe(0);
    expect(node.output()).toContain("No task is running.");
  });

  it("with --stop-tasks ends them first, and nothing of them is left", async () => {
    node = await startTestNode({ args: ["--slots", "2", "--stop-tasks"] });
    const tasks = await runningTasks(2);
    const waiting = await node.submit(bashTask("exit 0"));
    await node.kill("SIGTERM");
    expect(node.process.exitCode).toBe(0);
    expect(node.output()).toContain("The node stops and ends 2 tasks.");
    expect(tasks.map(({ pid }) => isAlive(pid))).toEqual([false, false]);
    node = await node.restart(["--slots", "0"]);
    expect(await node.task(waiting.id)).toMatchObject({ state: "WAITING", attempt: 0 });
    const after = await Promise.all(tasks.map(({ id }) => node.task(id)));
    expect(after.map(({ state, attempt }) => [state, attempt])).toEqual([
      ["STOPPED", 1],
      ["STOPPED", 1],
    ]);
  });

  it("a second time does not wait for tasks that ignore TERM", async () => {
    node = await startTestNode({ args: ["--slots", "1", "--stop-tasks"] });
    const deaf = await node.submit(
      bashTask('trap "" TERM; echo deaf; while :; do sleep 0.1; done'),
    );
    await eventually("it ignores TERM", async () => (await logOf(deaf)) === "deaf\n");
    const { pid } = await node.reaches(deaf.id, "RUNNING");
    node.process.kill("SIGINT");
    await eventually("it says that it stops", () => node.output().includes("ends 1 task"));
    // One that comes at once is the same press, handed on by a launcher.
    await eventually("pressed again it ends", () => {
      node.process.kill("SIGINT");
      return node.process.exitCode !== null;
    });
    expect(node.process.exitCode).toBe(130);
    expect(isAlive(pid)).toBe(true);
    expect(node.output()).not.toMatch(/^\s+at /m);
  });

  it("answers who waits, ends what is followed, and takes nothing new", async () => {
    node = await startTestNode({ args: ["--slots", "2"] });
    const task = await node.submit(bashTask("echo hello; exec sleep 60"));
    const waiting = node.request("POST", "/task/?wait=60s", bashTask("exec sleep 60"));
    const following = await open(`${node.url}/task/${task.id}/log?follow=true`);
    const log = readAll(following);
    await eventually("both run", async () => (await running()) === 2);
    await node.kill("SIGTERM");
    const answer = await waiting;
    expect(answer.status).toBe(503);
    const { code, details } = (await answer.json()) as ErrorBody;
    expect(code).toBe("NODE_STOPPING");
    expect(await log).toMatch(/^data: hello$/m);
    expect(following.complete).toBe(true);
    await expect(fetch(node.url)).rejects.toThrow();
    node = await node.restart();
    expect(await node.task(details.id)).toMatchObject({ state: "RUNNING", attempt: 1 });
  });
});

describe("a node whose output nobody reads any more", () => {
  it("goes on, and stops in order when it is told to", async () => {
    node = await startTestNode({ args: ["--slots", "1", "--stop-tasks"] });
    node.process.stdout?.destroy();
    node.process.stderr?.destroy();
    const [task] = await runningTasks(1);
    await node.kill("SIGTERM");
    expect([node.process.exitCode, node.process.signalCode]).toEqual([0, null]);
    expect(isAlive(task?.pid ?? 0)).toBe(false);
  });

  it("starts, too", async () => {
    const dataDirectory = lastingDirectory();
    const port = await freePort();
    const command = `"$0" node --data ${dataDirectory} --http 127.0.0.1:${port} 2>&1 | true`;
    const shell = spawn("sh", ["-c", command, join(root, "bin/blanket")], { stdio: "ignore" });
    const ended = once(shell, "exit");
    const pid = await eventually("it is ready", () => daemonPid(port));
    process.kill(pid, "SIGTERM");
    await ended;
    expect(isAlive(pid)).toBe(false);
    node = await startTestNode({ dataDirectory });
  });
});

describe("npm start", () => {
  it.each([
    ["TERM to npm", (npm: number) => process.kill(npm, "SIGTERM")],
    // The terminal tells all of its foreground group, and npm hands on what it was told.
    ["Ctrl-C", (npm: number) => process.kill(-npm, "SIGINT")],
  ])("runs a node that %s stops in order", async (_name, stop) => {
    const dataDirectory = lastingDirectory();
    const port = await freePort();
    const flags = ["--data", dataDirectory, "--http", `127.0.0.1:${port}`, "--stop-tasks"];
    const npm = spawn("npm", ["start", "--silent", "--", ...flags], {
      cwd: root,
      stdio: "ignore",
      detached: true,
    });
    const daemon = await eventually("it is ready", () => daemonPid(port));
    const slow = bashTask("trap 'sleep 1; exit' TERM; while :; do sleep 0.1; done");
    const body = JSON.stringify(slow);
    const { id } = (await (
      await fetch(`http://127.0.0.1:${port}/task/`, { method: "POST", body })
    ).json()) as ShownTask;
    const task = await eventually("it runs", async () => {
      const answer = await fetch(`http://127.0.0.1:${port}/task/${id}`);
      const now = (await answer.json()) as ShownTask;
      return now.state === "RUNNING" && now;
    });
    const ended = once(npm, "exit");
    stop(npm.pid ?? 0);
    await ended;
    await eventually("the daemon has ended", () => !isAlive(daemon));
    expect(isAlive(task.pid)).toBe(false);
    node = await startTestNode({ dataDirectory });
    expect(await node.task(id)).toMatchObject({ state: "STOPPED", exitCode: 0 });
  });
});

/** A data directory for daemons that the test starts by itself. */
function lastingDirectory(): string {
  const dataDirectory = mkdtempSync(join(tmpdir(), "blanket-stop-"));
  onTestFinished(() => removeAll(dataDirectory));
  return dataDirectory;
}

/** The daemon's process, once it serves. */
async function daemonPid(port: number): Promise<number> {
  const answer = await fetch(`http://127.0.0.1:${port}/ops/status/`);
  return ((await answer.json()) as { pid: number }).pid;
}

interface ErrorBody {
  readonly code: string;
  readonly details: { readonly id: string };
}

async function runningTasks(count: number): Promise<readonly ShownTask[]> {
  const tasks = await Promise.all(
    Array.from({ length: count }, () => node.submit(bashTask("sleep 60 & wait"))),
  );
  return Promise.all(tasks.map(({ id }) => node.reaches(id, "RUNNING")));
}

async function running(): Promise<number> {
  return Number(await (await node.request("GET", "/task/?states=RUNNING&count=true")).text());
}

async function logOf({ id }: ShownTask): Promise<string> {
  return (await node.request("GET", `/task/${id}/log/raw`)).text();
}

function open(url: string): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    get(url, resolve).once("error", reject);
  });
}
