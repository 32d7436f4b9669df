/**
 * Goal: workers come, pause, stop and stay as their users want, and tasks run only in those that
 * have what they need.
 * Method: a node without slots of its own, to which workers are added over REST and by the command,
 * also through a kill of the daemon and through the loss of a connection.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import type { ShownTask } from "../../src/core/task/shown-task.ts";
import type { ShownWorker } from "../../src/core/worker.ts";
import { eventually } from "../support/eventually.ts";
import { startTestNode, type TestNode } from "../support/node.ts";
import { bashTask } from "../support/tasks.ts";

const launcher = new URL("../../bin/blanket", import.meta.url).pathname;
const tags = ["unix", "bash"];

let node: TestNode;

beforeAll(async () => {
  node = await startTestNode({ args: ["-n", "0", "--name", "rabbit"] });
});

afterAll(() => node.dispose());

describe("a node with -n 0", () => {
  it("takes no work until a worker is added that has what it needs", async () => {
    expect(await workers()).toEqual([]);
    const task = await node.submit(bashTask("exit 0"));
    expect(task).toMatchObject({ state: "WAITING", warnings: [expect.any(String) as string] });
    await add(["gpu"]);
    expect(await node.task(task.id)).toMatchObject({ state: "WAITING" });
    const [worker] = await add(tags);
    expect(await node.reaches(task.id, "SUCCESS")).toMatchObject({ workerId: worker?.id });
    for (const { id } of await workers()) await node.request("DELETE", `/worker/${id}`);
    expect(await workers()).toEqual([]);
  });
});

describe("an added worker", () => {
  it("outlives the daemon with what it runs, and paused", async () => {
    const [busy, resting] = await add(tags, 2);
    await put(resting, "pause");
    const task = await running(bashTask("sleep 1.5; exit 3"));
    expect(task.workerId).toBe(busy?.id);
    await node.kill("SIGKILL");
    node = await node.restart();
    expect(await workers()).toMatchObject([
      { id: busy?.id, state: "running", task: task.id, tags, kind: "added" },
      { id: resting?.id, state: "paused", task: null, tags, kind: "added" },
    ]);
    const end = await node.reaches(task.id, "ERROR");
    expect(end).toMatchObject({ exitCode: 3, attempt: 1, pid: task.pid, workerId: busy?.id });
    await eventually("it is idle", async () => (await workers())[0]?.state === "idle");
    await Promise.all([remove(busy), remove(resting)]);
  });

  it("that is removed ends after the task that it runs, also over a restart", async () => {
    const [worker] = await add(tags);
    const task = await running(bashTask("sleep 1.5; exit 4"));
    const stopped = await put(worker, "stop");
    expect(stopped).toMatchObject({ state: "stopping", task: task.id });
    const waiting = await node.submit(bashTask("exit 0"));
    await node.kill("SIGTERM");
    node = await node.restart();
    expect(await node.reaches(task.id, "ERROR")).toMatchObject({ exitCode: 4, attempt: 1 });
    expect(await workers()).toEqual([]);
    expect(await node.task(waiting.id)).toMatchObject({ state: "WAITING", attempt: 0 });
    await node.request("DELETE", `/task/${waiting.id}`);
  });

  it("that is paused finishes its task, takes no other, and goes on when resumed", async () => {
    const [worker] = await add(tags);
    const first = await running(bashTask("sleep 0.5"));
    expect(await put(worker, "pause")).toMatchObject({ task: first.id });
    const second = await node.submit(bashTask("exit 0"));
    await node.reaches(first.id, "SUCCESS");
    await eventually("it is paused", async () => (await workers())[0]?.state === "paused");
    expect(await node.task(second.id)).toMatchObject({ state: "WAITING" });
    expect(await put(worker, "resume")).toMatchObject({ id: worker?.id });
    await node.reaches(second.id, "SUCCESS");
    const again = await node.request("PUT", `/worker/${worker?.id}/resume`);
    expect(again.status).toBe(409);
    await remove(worker);
  });

  it("is taken by the one task that needs its tags", async () => {
    const [plain, special] = [...(await add(tags)), ...(await add([...tags, "gpu"]))];
    const wanted = await running(bashTask("sleep 0.3", { tags: ["gpu"] }));
    expect(wanted.workerId).toBe(special?.id);
    const other = await running(bashTask("sleep 0.3"));
    expect(other.workerId).toBe(plain?.id);
    await Promise.all([wanted, other].map(({ id }) => node.reaches(id, "SUCCESS")));
    await Promise.all([remove(plain), remove(special)]);
  });
});

describe("blanket worker", () => {
  it("adds workers that end with it, and their tasks go on", async () => {
    const child = blanket("worker", "-t", tags.join(), "-n", "2");
    await eventually("they are there", async () => (await workers()).length === 2);
    expect(await workers()).toMatchObject([{ kind: "attached" }, { kind: "attached" }]);
    const task = await running(bashTask("sleep 1; exit 5"));
    child.kill("SIGKILL");
    await once(child, "exit");
    await eventually("the idle one is gone", async () => (await workers()).length === 1);
    expect(await workers()).toMatchObject([{ state: "stopping", task: task.id }]);
    expect(await node.reaches(task.id, "ERROR")).toMatchObject({ exitCode: 5, attempt: 1 });
    await eventually("both are gone", async () => (await workers()).length === 0);
  });

  it("gives a node that restarts its workers again, until it is ended", async () => {
    const child = blanket("worker", "-t", tags.join());
    await eventually("it is there", async () => (await workers()).length === 1);
    const task = await running(bashTask("sleep 1; exit 6"));
    await node.kill("SIGKILL");
    node = await node.restart();
    const next = await node.submit(bashTask("exit 7"));
    expect(await node.reaches(next.id, "ERROR")).toMatchObject({ exitCode: 7 });
    expect(await workers()).toMatchObject([{ kind: "attached", tags }]);
    expect(await node.reaches(task.id, "ERROR")).toMatchObject({ exitCode: 6, attempt: 1 });
    const ended = once(child, "exit");
    child.kill("SIGINT");
    expect((await ended)[0]).toBe(0);
    await eventually("it is gone", async () => (await workers()).length === 0);
  });

  it("-d leaves them there", async () => {
    const child = blanket("worker", "-d", "-t", tags.join());
    expect((await once(child, "exit"))[0]).toBe(0);
    expect(await workers()).toMatchObject([{ kind: "added", tags, state: "idle" }]);
    const rm = blanket("rm", "worker", "rabbit-added");
    expect((await once(rm, "exit"))[0]).toBe(0);
    expect(await workers()).toEqual([]);
  });
});

async function workers(): Promise<readonly ShownWorker[]> {
  return (await (await node.request("GET", "/worker/")).json()) as ShownWorker[];
}

async function add(wanted: readonly string[], count = 1): Promise<readonly ShownWorker[]> {
  const answer = await node.request("POST", "/worker/", { tags: wanted, count });
  expect(answer.status).toBe(201);
  return (await answer.json()) as ShownWorker[];
}

async function put(worker: ShownWorker | undefined, action: string): Promise<ShownWorker> {
  const answer = await node.request("PUT", `/worker/${worker?.id}/${action}`);
  expect(answer.status).toBe(200);
  return (await answer.json()) as ShownWorker;
}

async function remove(worker: ShownWorker | undefined): Promise<void> {
  expect((await node.request("DELETE", `/worker/${worker?.id}`)).status).toBe(200);
}

async function running(body: Record<string, unknown>): Promise<ShownTask> {
  const { id } = await node.submit(body);
  return node.reaches(id, "RUNNING");
}

function blanket(...args: readonly string[]) {
  const env = { ...process.env, BLANKET_URL: node.url };
  return spawn(launcher, args, { env, stdio: "ignore" });
}
