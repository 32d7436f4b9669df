/**
 * Goal: what a submission asks for is what happens to the task: attempts, order, times, keys and
 * progress, as REST shows them.
 * Method: one node with one slot, so that the order of starts is plain; each start appends a line
 * to a file. Types of the test's own fail until a given attempt.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import type { ShownTask } from "../../src/core/task/shown-task.ts";
import { eventually } from "../support/eventually.ts";
import { startTestNode, type TestNode } from "../support/node.ts";
import { bashTask } from "../support/tasks.ts";

let node: TestNode;
let place: string;

beforeAll(async () => {
  place = mkdtempSync(join(tmpdir(), "blanket-lives-"));
  writeFileSync(join(place, "third_time.toml"), thirdTime);
  node = await startTestNode({ args: ["--slots", "1", "--types", place] });
});

afterAll(async () => {
  await node.dispose();
  rmSync(place, { recursive: true, force: true });
});

/** Succeeds at its third attempt; what it writes says which one it was. */
const thirdTime = `
command = '''
echo "out $BLANKET_ATTEMPT"; echo "err $BLANKET_ATTEMPT" >&2; echo $BLANKET_ATTEMPT > made
if [ "$BLANKET_ATTEMPT" -lt 3 ]; then exit "$((70 + BLANKET_ATTEMPT))"; fi
'''
[retry]
attempts = 5
backoff = "constant"
delay = "10ms"
jitter = 0
on_exit = [71, 72]
`;

describe("attempts", () => {
  it("follow a failure as the type says, each with files and an end of its own", async () => {
    const { id } = await node.submit({ type: "third_time" });
    const task = await node.reaches(id, "SUCCESS");
    expect(task).toMatchObject({ attempt: 3, exitCode: 0, signal: null });
    expect(task.attempts.map(({ attempt, exitCode }) => [attempt, exitCode])).toEqual([
      [1, 71],
      [2, 72],
      [3, 0],
    ]);
    const pids = task.attempts.map(({ pid }) => pid);
    expect(new Set(pids).size).toBe(3);
    const results = join(node.dataDirectory, "results");
    for (const [attempt, directory] of [`${id}@1`, `${id}@2`, id].entries()) {
      const read = (name: string) => readFileSync(join(results, directory, name), "utf8");
      expect(read("made")).toBe(`${attempt + 1}\n`);
      expect(read("blanket.stdout.log")).toBe(`out ${attempt + 1}\n`);
      expect(await text(`/results/${id}/made?attempt=${attempt + 1}`)).toBe(`${attempt + 1}\n`);
      const log = await text(`/task/${id}/log?attempt=${attempt + 1}&stream=stderr`);
      expect(log).toContain(`data: err ${attempt + 1}\n`);
    }
  });

  it("are followed one after the other, each from its first line to its last", async () => {
    const { id } = await node.submit({ type: "third_time" });
    const log = await text(`/task/${id}/log?follow=true&stream=stdout`);
    expect(log.match(/(?<=^data: ).*/gm)).toEqual([
      "out 1",
      "out 2",
      "out 3",
      '{"state":"SUCCESS"}',
    ]);
  });

  it("of the shipped flaky_task wait for their time, and can be cancelled then", async () => {
    const environment = { FAIL_PERCENT: 100 };
    const { id } = await node.submit({ type: "flaky_task", environment });
    const waiting = await node.reaches(id, "SCHEDULED");
    expect(waiting).toMatchObject({
      attempt: 1,
      exitCode: 75,
      reason: "waits before its next attempt",
    });
    const answer = await node.request("PUT", `/task/${id}/cancel`);
    expect(await answer.json()).toMatchObject({ state: "STOPPED" });
    const never = await node.submit({ type: "flaky_task", environment: { FAIL_PERCENT: 0 } });
    expect(await node.reaches(never.id, "SUCCESS")).toMatchObject({ attempt: 1 });
  });

  it("by hand are tasks of their own", async () => {
    const first = await node.submit(bashTask("exit 3", { key: "by-hand", priority: 2 }));
    await node.reaches(first.id, "ERROR");
    const answer = await node.request("PUT", `/task/${first.id}/retry`);
    expect(answer.status).toBe(201);
    const again = (await answer.json()) as ShownTask;
    expect(again).toMatchObject({ retryOf: first.id, key: null, priority: 2 });
    expect(again.id).not.toBe(first.id);
    expect(await node.reaches(again.id, "ERROR")).toMatchObject({ exitCode: 3, attempt: 1 });
  });
});

describe("the order of starts", () => {
  it("is by priority, then by age", async () => {
    const order = join(place, "order");
    const release = join(place, "release");
    const blocker = await node.submit(bashTask(`until [ -e ${release} ]; do sleep 0.05; done`));
    await node.reaches(blocker.id, "RUNNING");
    const ids: string[] = [];
    for (const [name, priority] of [
      ["a", 0],
      ["b", 5],
      ["c", -1],
      ["d", 5],
      ["e", 0],
    ] as const) {
      const { id } = await node.submit(bashTask(`echo ${name} >> ${order}`, { priority }));
      ids.push(id);
    }
    expect((await node.task(ids[0] ?? "")).state).toBe("WAITING");
    expect(await text(`/results/${ids[0]}/`)).toContain("has not started yet");
    writeFileSync(release, "");
    for (const id of ids) await node.reaches(id, "SUCCESS");
    expect(readFileSync(order, "utf8")).toBe("b\nd\na\ne\nc\n");
  });

  it("keeps a paused task back until it is resumed", async () => {
    const later = new Date(Date.now() + 400).toISOString();
    const { id } = await node.submit(bashTask("exit 0", { notBefore: later }));
    const paused = await node.request("PUT", `/task/${id}/pause`);
    expect(await paused.json()).toMatchObject({ state: "PAUSED" });
    expect((await node.request("PUT", `/task/${id}/pause`)).status).toBe(409);
    const next = await node.submit(bashTask("sleep 0.5"));
    await node.reaches(next.id, "SUCCESS");
    expect(await node.task(id)).toMatchObject({ state: "PAUSED", attempt: 0 });
    const resumed = await node.request("PUT", `/task/${id}/resume`);
    expect(resumed.status).toBe(200);
    expect(await node.reaches(id, "SUCCESS")).toMatchObject({ attempt: 1 });
  });
});

describe("times", () => {
  it("keep a task SCHEDULED until then", async () => {
    const at = Date.now() + 700;
    const body = bashTask("exit 0", { notBefore: new Date(at).toISOString() });
    const task = await node.submit(body);
    expect(task).toMatchObject({ state: "SCHEDULED", notBefore: new Date(at).toISOString() });
    const end = await node.reaches(task.id, "SUCCESS");
    expect(Date.parse(end.startedAt ?? "")).toBeGreaterThanOrEqual(at);
  });

  it("expire a task that nobody took", async () => {
    const expires = new Date(Date.now() + 500).toISOString();
    const task = await node.submit(bashTask("exit 0", { tags: ["gpu"], expires }));
    expect(task).toMatchObject({ state: "WAITING" });
    const end = await node.reaches(task.id, "EXPIRED");
    expect(end).toMatchObject({ attempt: 0, pid: 0, expires });
    expect(Date.parse(end.finishedAt ?? "")).toBeGreaterThanOrEqual(Date.parse(expires));
  });

  it("survive a restart, in both directions", async () => {
    const at = Date.now() + 3_000;
    const soon = await node.submit(bashTask("exit 0", { notBefore: new Date(at).toISOString() }));
    const gone = await node.submit(
      bashTask("exit 0", { tags: "gpu", expires: new Date(Date.now() + 50).toISOString() }),
    );
    await node.kill("SIGKILL");
    node = await node.restart();
    expect(await node.reaches(gone.id, "EXPIRED")).toMatchObject({ attempt: 0 });
    const end = await node.reaches(soon.id, "SUCCESS");
    expect(Date.parse(end.startedAt ?? "")).toBeGreaterThanOrEqual(at);
  });
});

describe("a key", () => {
  it("makes one task, however often and at whatever time it is submitted", async () => {
    const witness = join(place, "keyed");
    const body = bashTask(`echo once >> ${witness}`, { key: "nightly" });
    const answers = await Promise.all(
      Array.from({ length: 5 }, () => node.request("POST", "/task/", body)),
    );
    const tasks = (await Promise.all(answers.map((answer) => answer.json()))) as ShownTask[];
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(4);
    expect(new Set(tasks.map(({ id }) => id)).size).toBe(1);
    await node.reaches(tasks[0]?.id ?? "", "SUCCESS");
    await node.kill("SIGKILL");
    node = await node.restart();
    const later = await node.request("POST", "/task/", body);
    expect([later.status, ((await later.json()) as ShownTask).id]).toEqual([200, tasks[0]?.id]);
    const other = await node.request("POST", "/task/", { ...body, priority: 7 });
    expect([other.status, ((await other.json()) as { code: string }).code]).toEqual([
      409,
      "KEY_REUSED",
    ]);
    expect(readFileSync(witness, "utf8")).toBe("once\n");
  });
});

describe("progress", () => {
  it("of the shipped sleep_task is read from its file", async () => {
    const { id } = await node.submit({ type: "sleep_task", environment: { SECONDS_TO_SLEEP: 3 } });
    const half = await eventually("it is under way", async () => {
      const task = await node.task(id);
      return task.progress > 0 && task.progress < 100 && task;
    });
    expect(half.progressNote).toMatch(/s left$/);
    expect(await node.reaches(id, "SUCCESS")).toMatchObject({ progress: 100 });
  });

  it("is told over REST while the task runs, by itself too", async () => {
    const told = join(place, "told");
    const tell = `curl -sf -X PUT "$BLANKET_URL/task/$BLANKET_TASK_ID/progress" -d '{"progress": 41, "note": "itself"}' > /dev/null`;
    const { id } = await node.submit(
      bashTask(`until ${tell}; do sleep 0.05; done; until [ -e ${told} ]; do sleep 0.05; done`),
    );
    await eventually("it says so", async () => (await node.task(id)).progress === 41);
    expect((await node.task(id)).progressNote).toBe("itself");
    const answer = await node.request("PUT", `/task/${id}/progress`, { progress: 62.5 });
    expect(await answer.json()).toMatchObject({ progress: 62.5, progressNote: null });
    writeFileSync(told, "");
    await node.reaches(id, "SUCCESS");
    const late = await node.request("PUT", `/task/${id}/progress`, { progress: 10 });
    expect(late.status).toBe(409);
  });
});

describe("who waits", () => {
  it("with ?wait= is answered with the end, or with the id when it takes longer", async () => {
    const done = await node.request("POST", "/task/?wait=20s", bashTask("sleep 0.2; exit 4"));
    expect([done.status, await done.json()]).toMatchObject([201, { state: "ERROR", exitCode: 4 }]);
    const slow = await node.request("POST", "/task/?wait=300ms", bashTask("exec sleep 30"));
    expect(slow.status).toBe(504);
    const { details } = (await slow.json()) as { details: { id: string } };
    expect(slow.headers.get("location")).toBe(`/task/${details.id}`);
    expect((await node.request("PUT", `/task/${details.id}/cancel`)).status).toBe(200);
  });

  it("on a log hears each line as it comes, and the state at the end", async () => {
    const step = join(place, "step");
    const { id } = await node.submit(
      bashTask(
        `echo one; until [ -e ${step} ]; do sleep 0.05; done; echo two >&2; printf three; exit 2`,
      ),
    );
    const answer = await fetch(`${node.url}/task/${id}/log?follow=true`);
    let heard = "";
    const reading = (async () => {
      for await (const chunk of answer.body ?? []) heard += Buffer.from(chunk).toString();
    })();
    await eventually("the first line", () => heard.includes("data: one\n"));
    expect(heard).not.toContain("two");
    writeFileSync(step, "");
    await reading;
    const events = heard.split("\n\n").filter((event) => event.includes("data:"));
    expect(events.slice(0, 1)).toEqual(["event: stdout\nid: 4-0\ndata: one"]);
    expect(events.slice(1, 3).toSorted()).toEqual([
      expect.stringMatching(/^event: stderr\nid: \d-4\ndata: two$/),
      expect.stringMatching(/^event: stdout\nid: 9-\d\ndata: three$/),
    ]);
    expect(events.slice(3)).toEqual(['event: end\ndata: {"state":"ERROR"}']);
  });
});

async function text(path: string): Promise<string> {
  return (await node.request("GET", path)).text();
}
