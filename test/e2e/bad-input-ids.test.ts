/**
 * Goal: an id that names nothing, or several, and a change that a task's state does not allow are
 * refused by every route and command that takes an id, and change nothing; a reader that goes away
 * is no failure.
 * Method: one node with 40 tasks that wait for their time (so that some begin with the same digit),
 * one that runs and one that has ended; the list of all tasks is the same before and after.
 */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";

import { createCli } from "../support/cli.ts";
import { startTestNode, type TestNode } from "../support/node.ts";
import { expectFailed, expectRefused } from "../support/refusal.ts";
import { shell } from "../support/shell.ts";
import { bashTask } from "../support/tasks.ts";

const count = 40;

let node: TestNode;
let running: string;
let ended: string;
/** The first digit of several. */
let ambiguous: string;
let before: string;

beforeAll(async () => {
  node = await startTestNode({ args: ["--slots", "2"] });
  const later = { type: "sleep_task", notBefore: "2100-01-01T00:00:00Z" };
  const tasks = await Promise.all(Array.from({ length: count }, () => node.submit(later)));
  const digits = tasks.map(({ id }) => id.charAt(0));
  ambiguous = digits.find((digit, index) => digits.indexOf(digit) < index) ?? "";
  ({ id: running } = await node.submit(bashTask("exec sleep 600")));
  ({ id: ended } = await node.submit(bashTask("seq 200000")));
  await node.reaches(running, "RUNNING");
  await node.reaches(ended, "SUCCESS");
});

afterAll(() => node.dispose());

beforeEach(async () => {
  before = await allTasks();
});

afterEach(async () => {
  expect(await allTasks()).toBe(before);
  expect((await node.request("GET", "/health/ready")).status).toBe(200);
});

async function allTasks(): Promise<string> {
  return (await node.request("GET", "/task/")).text();
}

const routes = [
  ["GET", ""],
  ["DELETE", ""],
  ["PUT", "/cancel"],
  ["PUT", "/pause"],
  ["PUT", "/resume"],
  ["PUT", "/retry"],
  ["PUT", "/progress?progress=1"],
  ["GET", "/log"],
  ["GET", "/log/tail"],
  ["GET", "/log/raw"],
] as const;

const unknown = [
  "01234567-89ab-8def-8123-456789abcdef",
  "zz",
  "not an id",
  "%2e%2e%2f",
  "*",
  "0".repeat(500),
];

describe("an id", () => {
  it.each(routes)("%s /task/<id>%s is refused where it names none", async (method, rest) => {
    for (const id of unknown) {
      await expectRefused(await node.request(method, `/task/${id}${rest}`), {
        status: 404,
        code: "TASK_UNKNOWN",
        says: `\`blanket ps -a\` lists all ${count + 2}`,
      });
    }
  });

  it.each(routes)("%s /task/<id>%s is refused where it names several", async (method, rest) => {
    await expectRefused(await node.request(method, `/task/${ambiguous}${rest}`), {
      status: 400,
      code: "ID_AMBIGUOUS",
      says: /several tasks start with . \(.+\); give more digits/,
    });
  });

  it("of results, a worker, a node or a type that is not there is refused", async () => {
    const nothing = [
      ["/results/ffffffff/", "TASK_UNKNOWN", "blanket ps -a"],
      [`/results/${ended}/nothing.txt`, "FILE_UNKNOWN", "nothing.txt"],
      ["/worker/nobody", "WORKER_UNKNOWN", "blanket ls workers"],
      ["/node/nobody", "NODE_UNKNOWN", "blanket ls nodes"],
      ["/task_type/nothing", "TYPE_NOT_FOUND", "blanket ls types"],
    ] as const;
    for (const [path, code, says] of nothing) {
      await expectRefused(await node.request("GET", path), { status: 404, code, says });
    }
  });

  it.each(["show", "cancel", "pause", "resume", "retry", "logs", "wait", "rm"])(
    "blanket %s exits with 4 where it names none and with 2 where it names several",
    async (command) => {
      const cli = createCli(node.url);
      const [none, several] = await Promise.all([
        cli.blanket(command, "ffffffff"),
        cli.blanket(command, ambiguous),
      ]);
      expectFailed(none, 4, "no task starts with ffffffff. `blanket ps -a` lists all");
      expectFailed(several, 2, /several tasks start with . \(.+\); give more digits/);
    },
  );
});

describe("a change", () => {
  it.each([
    ["cancel", "ended", "SUCCESS", "cancelled"],
    ["pause", "ended", "SUCCESS", "paused"],
    ["resume", "ended", "SUCCESS", "resumed"],
    ["pause", "running", "RUNNING", "paused"],
    ["resume", "running", "RUNNING", "resumed"],
    ["retry", "running", "RUNNING", "retried"],
  ] as const)("%s of a task that has %s is refused", async (action, which, state, done) => {
    const id = which === "ended" ? ended : running;
    const says = new RegExp(`${id} (?:is ${state}|has not ended) and can't be ${done}`);
    const answer = await node.request("PUT", `/task/${id}/${action}`);
    await expectRefused(answer, { status: 409, code: "TRANSITION_ILLEGAL", says });
    expectFailed(await createCli(node.url).blanket(action, id.slice(0, 8)), 5, says);
  });

  it("of the progress of a task that has ended is refused", async () => {
    await expectRefused(await node.request("PUT", `/task/${ended}/progress`, { progress: 50 }), {
      status: 409,
      code: "TRANSITION_ILLEGAL",
      says: "only a running task has progress",
    });
    await expectRefused(await node.request("PUT", `/task/${running}/progress`, {}), {
      status: 400,
      code: "FIELD_INVALID",
      says: "the field progress is missing; give a number from 0 to 100",
    });
  });
});

describe("a reader that goes away", () => {
  it.each([
    "blanket ps -a | head -n 1",
    "blanket ps -q -a | head -n 1",
    "blanket ps -a --json | head -n 1",
    "blanket ls tasks --json | head -n 1",
    "blanket logs $ID | head -n 1",
    "blanket show $ID | true",
  ])("%s ends well and says nothing", async (line) => {
    const environment = { BLANKET_URL: node.url, ID: ended };
    expect(await shell(line, environment)).toMatchObject({ code: 0, err: "" });
  });
});
