/**
 * Goal: whatever users do to tasks while daemon and keeper are killed, alone or together: none
 * begins twice, what is shown is true, and nothing lives on of what has ended.
 * Method: from a seed, tasks that exit, sleep, ignore TERM, leave processes behind or run again
 * when lost are submitted, cancelled, retried and removed over four connections through nine kills.
 * Commands write down their beginnings and their own ends in a witness file, and the processes that
 * are left are looked for in /proc. BLANKET_SEED chooses the seed.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { afterEach, describe, expect, it } from "vitest";

import type { TaskState } from "../../src/core/task/shown-state.ts";
import type { ShownTask } from "../../src/core/task/shown-task.ts";
import { parseJournal } from "../../src/keeper/journal-lines.ts";
import { createChance, type Chance } from "../support/chance.ts";
import { eventually } from "../support/eventually.ts";
import { processesWith } from "../support/keeper.ts";
import { keeperPid, killKeeper, startTestNode, type TestNode } from "../support/node.ts";

const seed = Number(process.env["BLANKET_SEED"] ?? 7);
const count = 600;
const connections = 4;
const slots = 6;
const kills = 9;

/** Ways for a command to go on after it has written down that it began. */
const slow = "sleep 0.$((RANDOM % 7 + 2)); ";
const deaf = 'trap "" TERM; sleep 0.6; ';
const leaves = "(setsid sleep 60 &); sleep 60 & ";
const ways = ["", slow, slow, deaf, leaves];

interface Plan {
  readonly code: number;
  readonly onLost: "hold" | "rerun" | "skip";
}

interface World {
  readonly chance: Chance;
  readonly witness: string;
  readonly plans: Map<string, Plan>;
  /** Tasks that were asked to end, whatever the answer was. */
  readonly cancelled: Set<string>;
  /** Answered as STOPPED without an attempt: these never begin. */
  readonly neverStarted: Set<string>;
  readonly removed: Set<string>;
  /** Processes found after an answer that said there were none. */
  readonly undead: string[];
  readonly statuses: Map<string, number>;
}

let node: TestNode;
let place: string;

afterEach(async () => {
  await node.dispose();
  rmSync(place, { recursive: true, force: true });
});

describe("tasks under users and kills", () => {
  it(`end once each and as they are shown to have ended (seed ${seed})`, async () => {
    place = mkdtempSync(join(tmpdir(), "blanket-chaos-"));
    const witness = join(place, "witness");
    writeFileSync(join(place, "chaos.toml"), typeText(witness));
    node = await startTestNode({ args: ["--slots", String(slots), "--types", place] });
    const world: World = {
      chance: createChance(seed),
      witness,
      plans: new Map(),
      cancelled: new Set(),
      neverStarted: new Set(),
      removed: new Set(),
      undead: [],
      statuses: new Map(),
    };
    const users = Array.from({ length: connections }, () => user(world));
    await Promise.all([...users, killer(world)]);
    const tasks = await allEnded();
    check(world, tasks);
    await eventually("nothing is left alive", () => {
      const ours = new Set([node.process.pid, keeperPid(node.dataDirectory)]);
      return processesWith(node.dataDirectory).every((pid) => ours.has(pid));
    });
    expect([...world.statuses.keys()].filter((status) => / 5\d\d$/.test(status))).toEqual([]);
    await eventually("the keeper may forget all of them", () => {
      const journal = readFileSync(join(node.dataDirectory, "keeper", "journal"), "utf8");
      return parseJournal(journal).runs.size === 0;
    });
  });
});

function typeText(witness: string): string {
  return `
command = '''
echo "began $BLANKET_TASK_ID $BLANKET_ATTEMPT" >> ${witness}
eval "$WAY"
echo "ended $BLANKET_TASK_ID $BLANKET_ATTEMPT $CODE" >> ${witness}
exit "$CODE"
'''
kill_grace = "200ms"
[[environment.required]]
name = "WAY"
[[environment.required]]
name = "CODE"
`;
}

async function user(world: World): Promise<void> {
  const { chance, plans } = world;
  while (plans.size < count) {
    const id = plans.size === 0 ? "" : chance.pick([...plans.keys()].slice(-30));
    const dice = chance.float();
    try {
      if (dice < 0.7 || id === "") await submit(world);
      else if (dice < 0.85) await cancel(world, id);
      else if (dice < 0.9) await remove(world, id);
      else if (dice < 0.95) await retry(world, id);
      else await sleep(chance.below(100));
    } catch {
      // There is no daemon just now.
      await sleep(20);
    }
  }
}

async function ask(world: World, method: string, path: string, body?: unknown): Promise<Response> {
  const answer = await node.request(method, path, body);
  const key = `${method} ${path.replace(/[0-9a-f-]{36}/, "ID")} ${answer.status}`;
  world.statuses.set(key, (world.statuses.get(key) ?? 0) + 1);
  return answer;
}

async function submit(world: World): Promise<void> {
  const { chance, plans } = world;
  const plan: Plan = { code: chance.below(4), onLost: chance.pick(["hold", "rerun", "skip"]) };
  const environment = {
    WAY: chance.pick(ways),
    CODE: plan.code,
  };
  const body = { type: "chaos", environment, onLost: plan.onLost };
  const answer = await ask(world, "POST", "/task/", body);
  if (answer.ok) plans.set(((await answer.json()) as ShownTask).id, plan);
}

async function cancel(world: World, id: string): Promise<void> {
  world.cancelled.add(id);
  const answer = await ask(world, "PUT", `/task/${id}/cancel`);
  if (!answer.ok) return;
  const { state, attempt } = (await answer.json()) as ShownTask;
  if (state === "STOPPED" && attempt === 0) world.neverStarted.add(id);
  lookForUndead(world, id);
}

async function remove(world: World, id: string): Promise<void> {
  world.cancelled.add(id);
  const answer = await ask(world, "DELETE", `/task/${id}`);
  if (!answer.ok) return;
  world.removed.add(id);
  lookForUndead(world, id);
}

async function retry({ plans, ...world }: World, id: string): Promise<void> {
  const answer = await ask({ plans, ...world }, "PUT", `/task/${id}/retry`);
  const plan = plans.get(id);
  if (answer.ok && plan !== undefined) plans.set(((await answer.json()) as ShownTask).id, plan);
}

function lookForUndead({ undead }: World, id: string): void {
  const pids = processesWith(`BLANKET_TASK_ID=${id}`);
  if (pids.length > 0) undead.push(`${id}: ${pids.join()}`);
}

async function killer({ chance, plans }: World): Promise<void> {
  for (let kill = 1; kill <= kills; kill += 1) {
    const share = (kill * count) / (kills + 1);
    await eventually("its turn has come", () => plans.size >= share, 120_000);
    const victim = chance.pick(["keeper", "daemon", "both"]);
    const dies = [
      ...(victim === "daemon" ? [] : [killKeeper(node.dataDirectory)]),
      ...(victim === "keeper" ? [] : [node.kill("SIGKILL")]),
    ];
    await Promise.all(dies);
    if (victim !== "keeper") node = await node.restart();
  }
}

function check(world: World, tasks: readonly ShownTask[]): void {
  const { plans, cancelled, removed, undead, neverStarted } = world;
  const shown = new Map(tasks.map((task) => [task.id, task]));
  const { began, ended } = readWitness(world.witness);
  expect(undead).toEqual([]);
  expect(began.filter((name, index) => began.indexOf(name) !== index)).toEqual([]);
  expect([...neverStarted].filter((id) => began.some((name) => name.startsWith(id)))).toEqual([]);
  expect([...removed].filter((id) => shown.has(id))).toEqual([]);
  for (const [id, { onLost }] of plans) {
    const starts = began.filter((name) => name.startsWith(id)).length;
    expect([id, onLost === "rerun" || starts <= 1]).toEqual([id, true]);
    expect([id, shown.has(id) || cancelled.has(id)]).toEqual([id, true]);
  }
  const untrue = tasks.filter((task) => {
    const plan = plans.get(task.id);
    const ownEnd = ended.get(`${task.id} ${task.attempt}`);
    const wasCancelled = cancelled.has(task.id);
    return (
      plan !== undefined && truths[task.state]?.({ task, plan, ownEnd, wasCancelled }) !== true
    );
  });
  expect(untrue).toEqual([]);
}

interface Seen {
  readonly task: ShownTask;
  readonly plan: Plan;
  /** The code that the command itself wrote down. */
  readonly ownEnd: number | undefined;
  readonly wasCancelled: boolean;
}

/** When a task may be shown in a state; in any other it may not. */
const truths: Partial<Record<TaskState, (seen: Seen) => boolean>> = {
  SUCCESS: ({ task, plan, ownEnd }) => task.exitCode === 0 && plan.code === 0 && ownEnd === 0,
  ERROR: ({ task, plan: { code }, ownEnd }) =>
    code > 0 && task.exitCode === code && ownEnd === code,
  STOPPED: ({ wasCancelled }) => wasCancelled,
  SKIPPED: ({ plan }) => plan.onLost === "skip",
  // A cancelled task that was lost is not run again, whatever its type says of lost ones.
  LOST: ({ task, plan, wasCancelled }) =>
    (plan.onLost === "hold" || wasCancelled) && /nobody/i.test(task.reason ?? ""),
};

function allEnded(): Promise<readonly ShownTask[]> {
  return eventually(
    "all tasks have ended",
    async () => {
      const states = "SCHEDULED,WAITING,CLAIMED,RUNNING,HELD";
      const open = await node.request("GET", `/task/?states=${states}&count=true`);
      if (Number(await open.text()) > 0) return false;
      return (await (await node.request("GET", "/task/?limit=10000")).json()) as ShownTask[];
    },
    120_000,
  );
}

function readWitness(path: string) {
  const lines = existsSync(path) ? readFileSync(path, "utf8").trimEnd().split("\n") : [];
  const ended = new Map<string, number>();
  const began: string[] = [];
  for (const line of lines) {
    const [what, id = "", attempt = "", code] = line.split(" ");
    if (what === "began") began.push(`${id} ${attempt}`);
    else ended.set(`${id} ${attempt}`, Number(code));
  }
  return { began, ended };
}
