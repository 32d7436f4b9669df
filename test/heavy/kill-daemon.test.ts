/**
 * Goal: a daemon killed at any moment starts no task twice and loses no outcome.
 * Method: 250 tasks (50 run at a time) append their id to a witness file and exit with a planned
 * code; the daemon is killed with -9 ten times at random moments, many of them between claim and
 * start since tasks end all the time, and started again on the same data directory.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterEach, describe, expect, it } from "vitest";

import type { ShownTask } from "../../src/core/task/shown-task.ts";
import { eventually } from "../support/eventually.ts";
import { startTestNode, type TestNode } from "../support/node.ts";

const running = 50;
const waiting = 200;
const kills = 10;

let node: TestNode | undefined;
let place: string | undefined;

afterEach(async () => {
  await node?.dispose();
  if (place !== undefined) rmSync(place, { recursive: true, force: true });
});

describe("a daemon that is killed ten times", () => {
  it(
    "leaves one witness line a task, and the planned exit codes",
    { timeout: 300_000 },
    async () => {
      place = mkdtempSync(join(tmpdir(), "blanket-witness-"));
      const witness = join(place, "witness");
      writeFileSync(witness, "");
      node = await startTestNode({ args: ["--slots", String(running)] });
      const planned = new Map<string, number>();
      for (let index = 0; index < running + waiting; index += 1) {
        const code = index % 5;
        const seconds = (0.2 + ((index * 7) % 20) / 10).toFixed(1);
        const command = `echo "$BLANKET_TASK_ID $BLANKET_ATTEMPT" >> ${witness}; sleep ${seconds}; exit ${code}`;
        const { id } = await node.submit({
          type: "bash_task",
          environment: { DEFAULT_COMMAND: command },
        });
        planned.set(id, code);
      }
      for (let kill = 0; kill < kills; kill += 1) {
        await new Promise((resolve) => setTimeout(resolve, 150 + Math.random() * 700));
        await node.kill("SIGKILL");
        node = await node.restart();
      }
      const tasks = await allEnded(node, planned.size);
      for (const task of tasks) {
        const code = planned.get(task.id);
        expect([task.id, task.state, task.exitCode]).toEqual([
          task.id,
          code === 0 ? "SUCCESS" : "ERROR",
          code,
        ]);
      }
      const lines = readFileSync(witness, "utf8").trimEnd().split("\n");
      const ids = lines.map((line) => line.split(" ")[0]);
      expect(ids).toHaveLength(planned.size);
      expect(new Set(ids)).toEqual(new Set(planned.keys()));
    },
  );
});

function allEnded(at: TestNode, count: number): Promise<readonly ShownTask[]> {
  return eventually(
    "all tasks have ended",
    async () => {
      const answer = await at.request("GET", "/task/?states=SUCCESS,ERROR,LOST,STOPPED&limit=1000");
      const tasks = (await answer.json()) as ShownTask[];
      return tasks.length === count && tasks;
    },
    180_000,
  );
}
