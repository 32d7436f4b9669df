/**
 * Goal: a node whose disk is full promises nothing that it can't keep, lets running tasks go on,
 * and comes back by itself, with every outcome, once there is room.
 * Method: the data directory of a real node lies on a small tmpfs, which a file fills to the last
 * byte while tasks run; one of them ends meanwhile. Skipped where nothing may be mounted.
 */
import { execFileSync } from "node:child_process";
import { closeSync, existsSync, openSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";

import { describe, expect, it, onTestFinished } from "vitest";

import type { ShownTask } from "../../src/core/task/shown-task.ts";
import type { NodeStatus } from "../../src/ports/control.ts";
import { canMount } from "../support/can-mount.ts";
import { createCli } from "../support/cli.ts";
import { eventually } from "../support/eventually.ts";
import { isAlive } from "../support/keeper.ts";
import { startTestNode, type TestNode } from "../support/node.ts";
import { expectFailed, expectRefused } from "../support/refusal.ts";
import { multipartBody } from "../support/rest.ts";
import { bashTask } from "../support/tasks.ts";
import { tempDirectory } from "../support/temp-directory.ts";

/** A node on a disk of its own, in megabytes. */
async function startOnSmallDisk(megabytes: number): Promise<{ node: TestNode; disk: string }> {
  const disk = await tempDirectory();
  execFileSync("mount", ["-t", "tmpfs", "-o", `size=${megabytes}m`, "tmpfs", disk]);
  onTestFinished(() => void execFileSync("umount", ["-l", disk]));
  const dataDirectory = join(disk, "data");
  const node = await startTestNode({ dataDirectory, cwd: "/", args: ["--slots", "4"] });
  return { node, disk };
}

/** Takes all that is left, to the last byte. */
function fill(disk: string): void {
  const file = openSync(join(disk, "filler"), "a");
  for (const size of [1_024 * 1_024, 4_096, 1]) {
    const bytes = Buffer.alloc(size);
    try {
      for (;;) if (writeSync(file, bytes) < size) break;
    } catch (error) {
      expect(error).toMatchObject({ code: "ENOSPC" });
    }
  }
  closeSync(file);
}

const refusal = { status: 503, code: "STORE_UNAVAILABLE", says: /full|space/ } as const;

describe.skipIf(!canMount())("a node whose disk is full", () => {
  it("refuses new work, keeps what runs, and recovers with all outcomes", async () => {
    const { node, disk } = await startOnSmallDisk(24);
    onTestFinished(() => node.dispose());
    const cli = createCli(node.url);
    const witness = join(await tempDirectory(), "go");
    const waits = `until [ -e ${witness} ]; do sleep 0.05; done`;
    const ends = await node.submit(bashTask(`${waits}; exit 7`));
    const runs = await node.submit(bashTask("exec sleep 600"));
    const later = await node.submit(bashTask("exit 5", { tags: ["later"] }));
    for (const { id } of [ends, runs]) await node.reaches(id, "RUNNING");
    const { pid } = await node.task(runs.id);

    fill(disk);
    const accepted = await submitUntilRefused(node);
    await expectRefused(await node.request("POST", "/task/", bashTask("exit 0")), refusal);
    const again = await node.request("POST", "/task/", bashTask("exit 0"));
    expect(again.headers.get("retry-after")).toMatch(/^\d+$/);
    await expectRefused(await upload(node), refusal);
    await expectRefused(await node.request("PUT", `/task/${later.id}/cancel`), refusal);
    expectFailed(await cli.blanket("submit", "bash_task"), 1, /full|space/);
    const ready = await node.request("GET", "/health/ready");
    expect(ready.status).toBe(503);
    expect(await ready.text()).toMatch(/full|space/);
    expect((await node.request("GET", "/health/live")).status).toBe(200);
    expect((await statusOf(node)).ready).toBe(false);
    expect(await node.task(runs.id)).toMatchObject({ state: "HELD", pid });
    expect(isAlive(pid)).toBe(true);

    // One ends while nothing can be stored.
    execFileSync("touch", [witness]);
    await eventually("it has ended", async () => !isAlive((await node.task(ends.id)).pid));
    expect((await node.task(ends.id)).state).toBe("HELD");

    rmSync(join(disk, "filler"));
    await eventually("the node is ready", async () => {
      return (await node.request("GET", "/health/ready")).status === 200;
    });
    expect(await node.reaches(ends.id, "ERROR", "LOST")).toMatchObject({
      state: "ERROR",
      exitCode: 7,
      attempt: 1,
    });
    expect(await node.task(runs.id)).toMatchObject({ state: "RUNNING", pid, attempt: 1 });
    expect(isAlive(pid)).toBe(true);
    expect((await node.task(later.id)).state).toBe("WAITING");
    expect((await statusOf(node)).problems).toEqual([]);
    for (const id of accepted) expect((await node.reaches(id, "SUCCESS")).attempt).toBe(1);
    expect((await node.request("PUT", `/task/${runs.id}/cancel`)).status).toBe(200);
    expect(isAlive(pid)).toBe(false);
    const { id } = await node.submit(bashTask("exit 0"));
    await node.reaches(id, "SUCCESS");

    await node.kill("SIGTERM");
    const next = await node.restart();
    onTestFinished(() => next.dispose());
    const states = async (of: ShownTask) => (await next.task(of.id)).state;
    expect(await Promise.all([ends, runs, later].map(states))).toEqual([
      "ERROR",
      "STOPPED",
      "WAITING",
    ]);
    const all = (await (await next.request("GET", "/task/")).json()) as ShownTask[];
    expect(all).toHaveLength(accepted.length + 4);
  });

  it("is not started, and says so", async () => {
    const { node, disk } = await startOnSmallDisk(16);
    onTestFinished(() => node.dispose());
    const { id } = await node.submit(bashTask("exit 0"));
    await node.reaches(id, "SUCCESS");
    await node.kill("SIGTERM");
    fill(disk);
    const args = ["node", "--data", node.dataDirectory, "--http", `127.0.0.1:${node.port}`];
    expectFailed(await createCli(node.url).blanket(...args), 2, /full|space/);
    expectFailed(
      await createCli(node.url).blanket("node", "--data", join(disk, "new"), ...args.slice(3)),
      2,
      /full|space/,
    );
    expect(existsSync(join(disk, "new", "node.key"))).toBe(false);
    rmSync(join(disk, "filler"));
    const next = await node.restart();
    onTestFinished(() => next.dispose());
    expect((await next.task(id)).state).toBe("SUCCESS");
  });
});

/** Tasks that were still accepted: the store had room in blocks that it had already. */
async function submitUntilRefused(node: TestNode): Promise<readonly string[]> {
  const accepted: string[] = [];
  await eventually("a submission is refused", async () => {
    const answer = await node.request("POST", "/task/", bashTask("exit 0"));
    if (answer.status === 503) return true;
    accepted.push(((await answer.json()) as ShownTask).id);
    return false;
  });
  return accepted;
}

function upload(node: TestNode): Promise<Response> {
  const { headers, body } = multipartBody([
    { name: "data", content: '{"type": "bash_task"}' },
    { name: "file", content: "hello\n", filename: "file" },
  ]);
  return fetch(`${node.url}/task/`, { method: "POST", headers, body: Buffer.from(body) });
}

async function statusOf(node: TestNode): Promise<NodeStatus> {
  return (await (await node.request("GET", "/ops/status/")).json()) as NodeStatus;
}
