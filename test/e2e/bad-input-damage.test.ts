/**
 * Goal: a flipped byte in a stored record is told by status, log and metrics, never believed, and
 * disturbs nothing else.
 * Method: a node with tasks is stopped, a byte in the middle of one record's value is changed in
 * the database itself, and the node is started again.
 */
import { mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { Level } from "level";
import { afterEach, describe, expect, it } from "vitest";

import type { ShownTask } from "../../src/core/task/shown-task.ts";
import type { NodeStatus } from "../../src/ports/control.ts";
import { createCli } from "../support/cli.ts";
import { startTestNode, type TestNode } from "../support/node.ts";
import { expectFailed, expectRefused } from "../support/refusal.ts";
import { bashTask } from "../support/tasks.ts";

let node: TestNode;

afterEach(() => node.dispose());

/** Flips a byte in the middle of the value under each key while nothing runs. */
async function damage(...keys: readonly string[]): Promise<void> {
  const store = new Level<string, Buffer>(join(node.dataDirectory, "store"), {
    valueEncoding: "buffer",
  });
  await store.open();
  for (const key of keys) {
    const value = Buffer.from((await store.get(key)) ?? "");
    const middle = value.length >> 1;
    value.writeUInt8(value.readUInt8(middle) ^ 0x01, middle);
    await store.put(key, value);
  }
  await store.close();
}

async function startWithTasks(): Promise<{ ended: ShownTask[]; waiting: ShownTask[] }> {
  const dataDirectory = mkdtempSync(join(tmpdir(), "blanket-damage-"));
  node = await startTestNode({ dataDirectory, args: ["--slots", "2", "--name", "rabbit"] });
  const ended: ShownTask[] = [];
  for (const word of ["one", "two", "three"]) {
    const { id } = await node.submit(bashTask(`echo ${word}`));
    ended.push(await node.reaches(id, "SUCCESS"));
  }
  const waiting: ShownTask[] = [];
  for (const word of ["four", "five"]) {
    waiting.push(await node.submit(bashTask(`echo ${word}`, { tags: ["gpu"] })));
  }
  return { ended, waiting };
}

async function status(): Promise<NodeStatus> {
  return (await (await node.request("GET", "/ops/status/")).json()) as NodeStatus;
}

async function idsOf(query: string): Promise<readonly string[]> {
  const answer = await node.request("GET", `/task/${query}`);
  return ((await answer.json()) as ShownTask[]).map(({ id }) => id).toSorted();
}

function sorted(tasks: readonly (ShownTask | undefined)[]): readonly string[] {
  return tasks.map((task) => task?.id ?? "").toSorted();
}

/** Told by status, log and metrics; and the node works. */
async function expectTold(count: number, ...records: readonly string[]): Promise<void> {
  const { problems, store } = await status();
  expect(store).toMatchObject({ open: true, corrupted: false, damaged: count });
  expect(problems.join()).toContain("damaged");
  const metrics = await (await node.request("GET", "/metrics")).text();
  expect(metrics).toMatch(new RegExp(`^blanket_records_damaged_total ${count}$`, "m"));
  for (const record of records) {
    expect(node.output()).toMatch(new RegExp(`"record":"${record}".*a stored record is damaged`));
  }
  expect((await node.request("GET", "/health/live")).status).toBe(200);
  const { id } = await node.submit(bashTask("echo after"));
  expect((await node.reaches(id, "SUCCESS", "ERROR")).state).toBe("SUCCESS");
}

describe("a flipped byte", () => {
  it("in the record of a task that has ended: that one is not shown, all others are", async () => {
    const { ended, waiting } = await startWithTasks();
    const id = ended[1]?.id ?? "";
    await node.kill("SIGTERM");
    await damage(`task!${id}`);
    node = await node.restart();
    expect(await idsOf("")).toEqual(sorted([ended[0], ended[2], ...waiting]));
    const refusal = { status: 500, code: "RECORD_DAMAGED", says: "can't be believed" } as const;
    await expectRefused(await node.request("GET", `/task/${id}`), refusal);
    await expectRefused(await node.request("PUT", `/task/${id.slice(0, 13)}/retry`), refusal);
    expectFailed(await createCli(node.url).blanket("show", id), 1, "its checksum fails; check the");
    const log = await node.request("GET", `/task/${ended[0]?.id}/log/tail`);
    expect(await log.text()).toBe("one\n");
    await expectTold(1, id);
  });

  it("in the record of a task that waits: it never runs, and the others do", async () => {
    const { waiting } = await startWithTasks();
    const id = waiting[0]?.id ?? "";
    await node.kill("SIGTERM");
    await damage(`task!${id}`);
    node = await node.restart();
    await node.request("POST", "/worker/", { tags: ["gpu", "unix", "bash"] });
    const other = await node.reaches(waiting[1]?.id ?? "", "SUCCESS");
    expect(other.state).toBe("SUCCESS");
    expect(await idsOf("?states=WAITING,CLAIMED,RUNNING,HELD")).toEqual([]);
    await expectTold(1, id);
  });

  it("in this node's vote on a task that waits: it is HELD, and says why", async () => {
    const { waiting } = await startWithTasks();
    const id = waiting[0]?.id ?? "";
    await node.kill("SIGTERM");
    await damage(`reg!${id}/0`);
    node = await node.restart();
    await node.request("POST", "/worker/", { tags: ["gpu", "unix", "bash"] });
    await node.reaches(waiting[1]?.id ?? "", "SUCCESS");
    const held = await node.task(id);
    expect(held).toMatchObject({ state: "HELD", startedAt: null });
    expect(held.reason).toContain("damaged");
    await expectRefused(await node.request("PUT", `/task/${id}/cancel`), {
      status: 409,
      code: "TRANSITION_ILLEGAL",
      says: "held and nothing can be decided about it",
    });
    expectFailed(await createCli(node.url).blanket("cancel", id), 5, "held and nothing can be");
    await expectTold(1, `${id}/0`);
  });

  it("in the journal of a task that runs: it is not started again", async () => {
    await startWithTasks();
    const command = 'echo x >> "$BLANKET_APP_RESULTS_DIRECTORY/witness"; sleep 2; exit 7';
    const { id } = await node.submit(bashTask(command));
    await node.reaches(id, "RUNNING");
    await node.kill("SIGKILL");
    await damage(`jrnl!${id}/1`);
    node = await node.restart();
    const ended = await node.reaches(id, "ERROR", "SUCCESS", "LOST");
    expect(ended).toMatchObject({ state: "ERROR", exitCode: 7, attempt: 1 });
    expect(readFileSync(join(node.dataDirectory, "results", "witness"), "utf8")).toBe("x\n");
  });

  it("in what the database knows of its node: that is a new one, and keeps the history", async () => {
    const { ended, waiting } = await startWithTasks();
    await node.kill("SIGTERM");
    await damage("meta!storeId", "meta!boot", "meta!tokenKey");
    node = await node.restart();
    expect(node.output()).toContain("it has a new identity");
    expect(await idsOf("?states=SUCCESS")).toEqual(sorted(ended));
    expect(await idsOf("?states=HELD")).toEqual(sorted(waiting));
    const { id } = await node.submit(bashTask("echo after"));
    expect((await node.reaches(id, "SUCCESS", "ERROR")).state).toBe("SUCCESS");
    await node.kill("SIGTERM");
    node = await node.restart();
    expect(node.output()).not.toContain("new identity");
    expect(await idsOf("?states=SUCCESS")).toEqual([...sorted(ended), id].toSorted());
  });
});
