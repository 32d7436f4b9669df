import { setTimeout as delay } from "node:timers/promises";

import type { BenchNode } from "./bench-node.ts";
import { besideSpooler } from "./beside-spooler.ts";
import type { BenchContext, Figure, Row } from "./figure.ts";
import { connect } from "./keep-alive.ts";
import { median, percentile } from "./statistics.ts";
import { noopBody } from "./submit-many.ts";
import type { TaskSpooler } from "./task-spooler.ts";

/** One task at a time on an idle node: `submit --wait` without the start of a command line. */
export const latency: Figure = {
  id: "latency",
  title: "submit until finished, one task at a time, idle",
  measure: (context) => besideSpooler((node, spooler) => measure(context, node, spooler)),
};

async function measure(
  { quick, say }: BenchContext,
  node: BenchNode,
  spooler: TaskSpooler | undefined,
): Promise<readonly Row[]> {
  const each = quick ? 20 : 100;
  await blanketEach(node, each);
  const own: number[] = [];
  const other: number[] = [];
  const ratios: number[] = [];
  for (let round = 0; round < (quick ? 2 : 6); round += 1) {
    const mine = await blanketEach(node, each);
    own.push(...mine);
    const theirs = (await spooler?.runEach(each)) ?? [];
    other.push(...theirs);
    if (theirs.length > 0) ratios.push(median(mine) / median(theirs));
    say(`round ${round + 1}: p50 ${median(mine).toFixed(2)} ms`);
  }
  const rows: Row[] = [
    { what: "blanket p50", value: median(own), unit: "ms" },
    { what: "blanket p99", value: percentile(own, 99), unit: "ms" },
  ];
  if (ratios.length === 0) return rows;
  return [
    ...rows,
    { what: "task-spooler p50", value: median(other), unit: "ms" },
    { what: "task-spooler p99", value: percentile(other, 99), unit: "ms" },
    {
      what: "blanket : task-spooler, p50",
      value: median(ratios),
      unit: "×",
      budget: { atMost: 0.6 },
    },
  ];
}

async function blanketEach(node: BenchNode, count: number): Promise<readonly number[]> {
  const connection = connect(node.url);
  const times: number[] = [];
  for (let index = 0; index < count; index += 1) {
    const start = performance.now();
    const answer = await connection.ask("POST", "/task/?wait=30s", noopBody);
    times.push(performance.now() - start);
    const { state } = JSON.parse(answer.toString("utf8"));
    if (state !== "SUCCESS") throw new Error(`A task that was waited for is ${state}.`);
    await delay(2);
  }
  connection.close();
  return times;
}
