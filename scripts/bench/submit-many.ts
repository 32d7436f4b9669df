import { setTimeout as delay } from "node:timers/promises";

import { noopType, type BenchNode } from "./bench-node.ts";
import { connect, type Connection } from "./keep-alive.ts";

/** The body of every submission here. */
export const noopBody = JSON.stringify({ type: noopType });

/** Submits `count` no-op tasks over kept connections; each must be taken. */
export async function submitMany(
  { url }: BenchNode,
  count: number,
  connections: number,
): Promise<void> {
  let left = count;
  async function submitAll(connection: Connection): Promise<void> {
    while (left > 0) {
      left -= 1;
      await connection.ask("POST", "/task/", noopBody);
    }
    connection.close();
  }
  await Promise.all(Array.from({ length: connections }, () => submitAll(connect(url))));
}

/** Waits until the node counts `count` tasks as SUCCESS. */
export async function untilSucceeded(node: BenchNode, count: number): Promise<void> {
  const deadline = performance.now() + 600_000;
  while ((await node.count("SUCCESS")) < count) {
    if (performance.now() > deadline) throw new Error(`Not all of ${count} tasks ended.`);
    await delay(10);
  }
}
