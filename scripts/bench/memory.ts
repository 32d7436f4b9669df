import { setTimeout as delay } from "node:timers/promises";

import { withNode, type BenchNode } from "./bench-node.ts";
import type { Figure, Row } from "./figure.ts";
import { cpuMs, memoryMb } from "./process-facts.ts";
import { submitMany, untilSucceeded } from "./submit-many.ts";

/** What a node costs while nothing is asked of it, fresh and after work. */
export const memory: Figure = {
  id: "memory",
  title: "memory and CPU of an idle node",
  measure: ({ quick }) =>
    withNode(2, async (node) => {
      const tasks = quick ? 500 : 10_000;
      const settleMs = quick ? 2_000 : 15_000;
      await submitMany(node, 1, 1);
      await untilSucceeded(node, 1);
      await delay(settleMs);
      const fresh = await rowsOf(node, "idle");
      const cpu = cpuMs(node.pid) + cpuMs(await node.keeperPid());
      await delay(settleMs);
      const idleMs = cpuMs(node.pid) + cpuMs(await node.keeperPid()) - cpu;
      await submitMany(node, tasks, 8);
      await untilSucceeded(node, tasks + 1);
      await delay(settleMs);
      return [
        ...fresh,
        {
          what: "CPU idle, of one core",
          value: (idleMs / settleMs) * 100,
          unit: "%",
          budget: { atMost: 1 },
        },
        ...(await rowsOf(node, `after ${tasks.toLocaleString("en")} tasks`)),
      ];
    }),
};

async function rowsOf(node: BenchNode, when: string): Promise<readonly Row[]> {
  const daemon = memoryMb(node.pid);
  const keeper = memoryMb(await node.keeperPid());
  const isIdle = when === "idle";
  return [
    {
      what: `daemon RSS, ${when}`,
      value: daemon.rss,
      unit: "MB",
      ...(isIdle && { budget: { atMost: 160 } }),
    },
    { what: `daemon private, ${when}`, value: daemon.private, unit: "MB" },
    {
      what: `keeper private, ${when}`,
      value: keeper.private,
      unit: "MB",
      budget: { atMost: 15 },
    },
  ];
}
