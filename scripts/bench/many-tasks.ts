import { join } from "node:path";

import { inDirectory, startNode, type BenchNode } from "./bench-node.ts";
import { timed } from "./command.ts";
import type { Figure, Row } from "./figure.ts";
import { connect } from "./keep-alive.ts";
import { memoryMb } from "./process-facts.ts";
import { seedFinished } from "./seed.ts";
import { median, percentile } from "./statistics.ts";
import { submitMany, untilSucceeded } from "./submit-many.ts";

/** A node that has seen a lot: what its history costs. */
export const manyTasks: Figure = {
  id: "many",
  title: "a node with 100,000 finished and 10,000 waiting tasks",
  measure: ({ quick, say }) =>
    inDirectory(async (directory) => {
      const [finished, waiting] = quick ? [5_000, 500] : [100_000, 10_000];
      await runOne(directory);
      await seedFinished(join(directory, "data", "store"), finished);
      say(`${finished} finished tasks written`);
      await submitWaiting(directory, waiting);
      say(`${waiting} waiting tasks submitted`);
      const node = await startNode(directory, 0);
      try {
        const held = (await node.count("SUCCESS")) + (await node.count("WAITING"));
        if (held !== finished + waiting + 1) throw new Error(`The node holds ${held} tasks.`);
        return await rowsOf(node, quick ? 30 : 300);
      } finally {
        await node.stop();
      }
    }),
};

async function runOne(directory: string): Promise<void> {
  const node = await startNode(directory, 1);
  await submitMany(node, 1, 1);
  await untilSucceeded(node, 1);
  await node.stop();
}

async function submitWaiting(directory: string, count: number): Promise<void> {
  const node = await startNode(directory, 0);
  await submitMany(node, count, 50);
  await node.stop();
}

async function rowsOf(node: BenchNode, times: number): Promise<readonly Row[]> {
  const fresh = memoryMb(node.pid).rss;
  const pages: readonly (readonly [string, string])[] = [
    ["page of 500", "/task/"],
    ["newest 50", "/task/?limit=50&reverseSort=true"],
    ["page in the middle", "/task/?limit=50&offset=50000"],
    ["waiting, 50", "/task/?limit=50&states=WAITING"],
    ["count", "/task/?count=true"],
  ];
  const rows: Row[] = [
    { what: "start until ready", value: node.startedInMs / 1000, unit: "s", budget: { atMost: 3 } },
    { what: "daemon RSS, started", value: fresh, unit: "MB", budget: { atMost: 400 } },
  ];
  for (const [what, path] of pages) {
    const taken = await timesOf(node, path, times);
    rows.push({ what: `${what}, p50`, value: median(taken), unit: "ms" });
    const value = percentile(taken, 99);
    rows.push({ what: `${what}, p99`, value, unit: "ms", budget: { atMost: 20 } });
  }
  const after = memoryMb(node.pid).rss;
  rows.push({ what: "daemon RSS, after", value: after, unit: "MB", budget: { atMost: 400 } });
  return rows;
}

async function timesOf(node: BenchNode, path: string, times: number): Promise<readonly number[]> {
  const connection = connect(node.url);
  const taken: number[] = [];
  for (let index = 0; index < times; index += 1) {
    taken.push(await timed(() => connection.ask("GET", path)));
  }
  connection.close();
  return taken;
}
