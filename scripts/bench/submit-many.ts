import { setTimeout as delay } from "node:timers/promises";

import autocannon from "autocannon";

import { noopType, type BenchNode } from "./bench-node.ts";

/** The body of every submission here. */
export const noopBody = JSON.stringify({ type: noopType });

/** Submits `count` no-op tasks over `connections` kept connections; each must be answered 201. */
export async function submitMany(
  node: BenchNode,
  count: number,
  connections: number,
): Promise<void> {
  const result = await autocannon({
    url: `${node.url}/task/`,
    method: "POST",
    body: noopBody,
    amount: count,
    connections,
    timeout: 60,
  });
  if (result["2xx"] !== count || result.errors > 0) {
    throw new Error(`Of ${count} submissions ${result["2xx"]} were taken.`);
  }
}

/** Waits until the node counts `count` tasks as SUCCESS. */
export async function untilSucceeded(node: BenchNode, count: number): Promise<void> {
  const deadline = performance.now() + 600_000;
  while ((await node.count("SUCCESS")) < count) {
    if (performance.now() > deadline) throw new Error(`Not all of ${count} tasks ended.`);
    await delay(10);
  }
}
