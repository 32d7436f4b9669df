/**
 * Goal: with daemon and keeper killed under load, no task is started twice, and what is shown of
 * each is true: only what ran at a keeper's kill may be LOST.
 * Method: 2,000 quick tasks with mixed exit codes come over 8 connections, while the keeper is
 * killed 3 times and the daemon 3 times. Each command appends its id to a witness file when it
 * begins, and again with its exit code as the last thing it does.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { afterEach, describe, expect, it } from "vitest";

import type { ShownTask } from "../../src/core/task/shown-task.ts";
import { eventually } from "../support/eventually.ts";
import { killKeeper, startTestNode, type TestNode } from "../support/node.ts";
import { bashTask } from "../support/tasks.ts";

const count = 2_000;
const connections = 8;
const slots = 4;
const kills = ["keeper", "daemon", "keeper", "daemon", "daemon", "keeper"] as const;

let node: TestNode;
let place: string;

afterEach(async () => {
  await node.dispose();
  rmSync(place, { recursive: true, force: true });
});

describe("2,000 quick tasks through six kills", () => {
  it("begin at most once each, and show what became of them", async () => {
    place = mkdtempSync(join(tmpdir(), "blanket-witness-"));
    const witness = join(place, "witness");
    node = await startTestNode({ args: ["--slots", String(slots)] });
    const planned = new Map<string, number>();
    const submitted = submitAll(witness, planned);
    for (const [index, victim] of kills.entries()) {
      const share = ((index + 1) * count) / (kills.length + 1);
      await eventually("its turn has come", () => planned.size >= share, 120_000);
      await sleep(Math.random() * 100);
      if (victim === "keeper") {
        await killKeeper(node.dataDirectory);
      } else {
        await node.kill("SIGKILL");
        node = await node.restart();
      }
    }
    const unsure = await submitted;

    const tasks = await allEnded();
    const shown = new Map(tasks.map((task) => [task.id, task]));
    const { began, ended } = readWitness(witness);
    expect([...planned.keys()].filter((id) => !shown.has(id))).toEqual([]);
    // A submission whose answer was cut off may have got through: those are all that is more.
    expect(tasks.length - planned.size).toBeLessThanOrEqual(unsure);
    expect(began.filter((id, index) => began.indexOf(id) !== index)).toEqual([]);

    const lost = tasks.filter(({ state }) => state === "LOST");
    expect(lost.length).toBeLessThanOrEqual(3 * slots);
    for (const { id, reason } of lost) {
      expect([id, reason]).toEqual([id, expect.stringMatching(/nobody/i)]);
    }
    const others = tasks.filter(({ state }) => state !== "LOST");
    expect(others.map(({ id, exitCode, state }) => [id, exitCode, state])).toEqual(
      others.map(({ id }) => {
        const code = ended.get(id);
        return [id, code, code === 0 ? "SUCCESS" : "ERROR"];
      }),
    );
    for (const [id, code] of planned) {
      if (shown.get(id)?.state !== "LOST") expect([id, ended.get(id)]).toEqual([id, code]);
    }
  });
});

/** Over 8 connections, waiting out the restarts. Gives how many submissions were cut off. */
async function submitAll(witness: string, planned: Map<string, number>): Promise<number> {
  let next = 0;
  let unsure = 0;
  const take = async (): Promise<void> => {
    while (next < count) {
      const code = next % 5;
      next += 1;
      const mark = `echo $BLANKET_TASK_ID`;
      const command = `${mark} >> ${witness}; ${mark} ${code} >> ${witness}; exit ${code}`;
      for (let isTaken = false; !isTaken;) {
        try {
          const { id } = await node.submit(bashTask(command));
          planned.set(id, code);
          isTaken = true;
        } catch {
          unsure += 1;
          await sleep(50);
        }
      }
    }
  };
  await Promise.all(Array.from({ length: connections }, take));
  return unsure;
}

function allEnded(): Promise<readonly ShownTask[]> {
  return eventually(
    "all tasks have ended",
    async () => {
      const open = await node.request(
        "GET",
        "/task/?states=WAITING,CLAIMED,RUNNING,HELD&count=true",
      );
      if (Number(await open.text()) > 0) return false;
      return (await (await node.request("GET", "/task/?limit=10000")).json()) as ShownTask[];
    },
    300_000,
  );
}

function readWitness(path: string) {
  const lines = existsSync(path) ? readFileSync(path, "utf8").trimEnd().split("\n") : [];
  const ended = new Map<string, number>();
  const began: string[] = [];
  for (const line of lines) {
    const [id = "", code] = line.split(" ");
    if (code === undefined) began.push(id);
    else ended.set(id, Number(code));
  }
  return { began, ended };
}
