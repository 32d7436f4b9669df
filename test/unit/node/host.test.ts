/**
 * Goal: what a node tells of its process and machine is plausible, and a blocked loop is seen.
 * Method: the real machine; the loop is blocked for a while.
 */
import { expect, it, onTestFinished } from "vitest";

import { createHostProbe } from "../../../src/node/host.ts";
import { eventually } from "../../support/eventually.ts";
import { tempDirectory } from "../../support/temp-directory.ts";

function probe(directory: string) {
  const host = createHostProbe(directory);
  onTestFinished(host.stop);
  return host;
}

it("tells of this process, its memory and its disk", async () => {
  const status = probe(await tempDirectory()).read();
  expect(status.pid).toBe(process.pid);
  expect(status.uptimeSeconds).toBeGreaterThanOrEqual(0);
  expect(status.memory.rssBytes).toBeGreaterThan(status.memory.heapUsedBytes);
  expect(status.load).toHaveLength(3);
  expect(status.disk.totalBytes).toBeGreaterThan(status.disk.freeBytes);
  expect(status.disk.freeBytes).toBeGreaterThan(0);
  expect(status.loopDelayMs).toStrictEqual({ mean: 0, p99: 0, max: 0 });
});

it("sees that the loop was blocked", async () => {
  const host = probe(await tempDirectory());
  await new Promise((resolve) => setTimeout(resolve, 120));
  const until = performance.now() + 300;
  while (performance.now() < until) Math.sqrt(until);
  const delay = await eventually("the delay", () => {
    const { max } = host.read().loopDelayMs;
    return max > 150 ? max : undefined;
  });
  expect(delay).toBeLessThan(60_000);
});

it("has zeros for a disk that is not there", () => {
  expect(probe("/nowhere/at/all").read().disk).toStrictEqual({ freeBytes: 0, totalBytes: 0 });
});
