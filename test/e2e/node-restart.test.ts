/**
 * Goal: a daemon that ends, politely or not, takes no task and no outcome with it.
 * Method: 20 tasks run for 1 to 4 seconds and exit with different codes; the daemon is ended, some
 * of them end while there is none, and another daemon takes over: the same build, or the same code
 * run from its source, which is to the keeper what an upgrade is. Each task appends its id to a
 * witness file, and one of them writes lines that a client follows over REST all the while.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterEach, describe, expect, it } from "vitest";

import { createClient } from "../../src/client/client.ts";
import type { LogItem } from "../../src/client/log.ts";
import type { ShownTask } from "../../src/core/task/shown-task.ts";
import { eventually } from "../support/eventually.ts";
import { isAlive } from "../support/keeper.ts";
import { keeperPid, startTestNode, type TestNode } from "../support/node.ts";
import { bashTask, endOf } from "../support/tasks.ts";

const fromSource = [process.execPath, new URL("../../bin/dev.js", import.meta.url).pathname];
const count = 20;

let node: TestNode | undefined;
let place: string | undefined;

afterEach(async () => {
  await node?.dispose();
  if (place !== undefined) rmSync(place, { recursive: true, force: true });
});

interface Case {
  readonly name: string;
  readonly signal: "SIGTERM" | "SIGKILL";
  readonly program?: readonly string[];
}

const cases: readonly Case[] = [
  { name: "ended by SIGTERM", signal: "SIGTERM" },
  { name: "killed", signal: "SIGKILL" },
  { name: "replaced by another build", signal: "SIGTERM", program: fromSource },
];

describe("tasks of a daemon that is", () => {
  it.each(cases)("$name go on, and end as they do", async ({ signal, program }) => {
    place = mkdtempSync(join(tmpdir(), "blanket-witness-"));
    const witness = (name: string) => join(place ?? "", name);
    const files = {
      began: witness("began"),
      ended: witness("ended"),
      down: witness("down"),
      up: witness("up"),
    };
    const { began, ended } = files;
    const first = await startTestNode({ args: ["--slots", String(count + 1)] });
    node = first;
    const tasks = await submitAll(first, files);
    const talker = await first.submit(bashTask(talk));
    const heard = follow(first.url, talker.id);
    await eventually("all tasks run", async () => {
      const answer = await first.request("GET", "/task/?states=RUNNING&count=true");
      return Number(await answer.text()) === count + 1;
    });
    const before = await Promise.all(tasks.map(({ id }) => first.task(id)));
    const keeper = keeperPid(first.dataDirectory);

    await first.kill(signal);
    writeFileSync(files.down, "");
    await eventually("half of the tasks end meanwhile", () => lines(ended).length >= count / 2);
    node = await first.restart(undefined, program);

    const [second] = [node];
    const atOnce = await Promise.all(before.map(({ id }) => second.task(id)));
    expect(atOnce.map(({ pid }) => pid)).toEqual(before.map(({ pid }) => pid));
    const running = before.filter(({ pid, id }) => isAlive(pid) && !lines(ended).includes(id));
    expect(running.length).toBeGreaterThan(0);
    const seen = new Map(atOnce.map((task) => [task.id, task.state]));
    expect(running.map(({ id }) => seen.get(id))).toEqual(running.map(() => "RUNNING"));
    writeFileSync(files.up, "");

    const states = ["SUCCESS", "ERROR"];
    const last = await Promise.all(before.map(({ id }) => second.reaches(id, ...states)));
    expect(last.map(endOf)).toEqual(
      before.map(({ pid }, index) => ({
        state: index % 4 === 0 ? "SUCCESS" : "ERROR",
        exitCode: index % 4,
        signal: null,
        attempt: 1,
        pid,
      })),
    );
    expect(lines(began).toSorted()).toEqual(before.map(({ id }) => id).toSorted());
    expect(await heard).toEqual([...saidLines, "end SUCCESS"]);
    expect(keeperPid(second.dataDirectory)).toBe(keeper);
  });

  it("killed while nothing else is alive are stored by the next one", async () => {
    node = await startTestNode();
    const task = await node.submit(bashTask("sleep 0.5; exit 7"));
    await node.reaches(task.id, "RUNNING");
    const keeper = keeperPid(node.dataDirectory) ?? 0;
    await node.kill("SIGKILL");
    await eventually("the keeper ends, with nothing to do", () => !isAlive(keeper));
    expect(existsSync(join(node.dataDirectory, "keeper", "pid"))).toBe(false);
    node = await node.restart();
    expect(await node.task(task.id)).toMatchObject({ state: "ERROR", exitCode: 7, attempt: 1 });
  });
});

/** Lines for as long as the restart takes, with pauses that end in the middle of one. */
const talk = `for i in 1 2 3 4 5 6 7 8 9 10; do printf "line $i "; sleep 0.4; echo done; done`;
const saidLines = Array.from({ length: 10 }, (_, index) => `line ${index + 1} done`);

interface Witness {
  readonly began: string;
  readonly ended: string;
  /** Exists once there is no daemon. */
  readonly down: string;
  /** Exists once there is the next one. */
  readonly up: string;
}

/** Half of them end while there is no daemon, the others with the next one. */
function submitAll(to: TestNode, files: Witness): Promise<readonly ShownTask[]> {
  const commands = Array.from({ length: count }, (_, index) => {
    const awaited = index < count / 2 ? files.down : files.up;
    const mark = (file: string) => `echo $BLANKET_TASK_ID >> ${file}`;
    const wait = `while [ ! -e ${awaited} ]; do sleep 0.1; done`;
    return `${mark(files.began)}; ${wait}; ${mark(files.ended)}; exit ${index % 4}`;
  });
  return Promise.all(commands.map((command) => to.submit(bashTask(command))));
}

async function follow(url: string, id: string): Promise<readonly string[]> {
  const client = createClient({ url });
  const heard: string[] = [];
  for await (const item of client.followLog(id, { stream: "both" })) heard.push(textOf(item));
  client.close();
  return heard;
}

function textOf(item: LogItem): string {
  return item.kind === "line" ? item.text : `end ${item.state}`;
}

function lines(file: string): readonly string[] {
  return existsSync(file) ? readFileSync(file, "utf8").trim().split("\n") : [];
}
