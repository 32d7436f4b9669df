/**
 * Measures what DESIGN has budgets for, on a real node over REST, and says which are met.
 *
 *     npm run bench -- [--quick] [--only throughput,latency] [--markdown] [--from FILE]
 *
 * Prints a table and writes it as JSON to `bench-results/`. `--from` prints an earlier run.
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";

import { accepted } from "./accepted.ts";
import type { BenchContext, Figure } from "./figure.ts";
import { keeperStarts } from "./keeper-starts.ts";
import { latency } from "./latency.ts";
import { describeMachine } from "./machine.ts";
import { manyTasks } from "./many-tasks.ts";
import { memory } from "./memory.ts";
import { psStart } from "./ps-start.ts";
import { markdownTable, plainTable, type BenchRun, type Measured } from "./table.ts";
import { throughput } from "./throughput.ts";

const figures = [throughput, latency, accepted, keeperStarts, psStart, memory, manyTasks];

const values = readFlags();
const run = values.from === undefined ? await measureAll() : readRun(values.from);
console.log(values.markdown ? markdownTable(run) : plainTable(run));
if (run.figures.some(({ error }) => error !== undefined)) process.exitCode = 1;

function readFlags() {
  try {
    return parseArgs({
      options: {
        quick: { type: "boolean", default: false },
        only: { type: "string", default: "" },
        markdown: { type: "boolean", default: false },
        from: { type: "string" },
      },
    }).values;
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(2);
  }
}

async function measureAll(): Promise<BenchRun> {
  const context: BenchContext = {
    quick: values.quick,
    say: (sentence) => void process.stderr.write(`  ${sentence}\n`),
  };
  const machine = describeMachine();
  const measured: Measured[] = [];
  for (const figure of chosen(values.only)) {
    process.stderr.write(`${figure.id}: ${figure.title}\n`);
    measured.push(await measureOne(figure, context));
  }
  const result = {
    at: new Date().toISOString(),
    quick: values.quick,
    machine,
    figures: measured,
  };
  mkdirSync("bench-results", { recursive: true });
  const file = join("bench-results", `${result.at.replaceAll(":", "-").slice(0, 19)}.json`);
  writeFileSync(file, `${JSON.stringify(result, null, 2)}\n`);
  process.stderr.write(`written to ${file}\n\n`);
  return result;
}

/** A figure that cannot be measured is reported in its place; the others are still measured. */
async function measureOne(
  { id, title, measure }: Figure,
  context: BenchContext,
): Promise<Measured> {
  try {
    return { id, title, rows: await measure(context) };
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
    return { id, title, rows: [], error: `not measured: ${String(error).split("\n")[0]}` };
  }
}

function chosen(only: string): readonly Figure[] {
  if (only === "") return figures;
  const ids = only.split(",");
  const unknown = ids.filter((id) => !figures.some((figure) => figure.id === id));
  if (unknown.length > 0) {
    const known = figures.map(({ id }) => id).join(", ");
    process.stderr.write(`There is no figure ${unknown.join(", ")}; there are ${known}.\n`);
    process.exit(2);
  }
  return figures.filter(({ id }) => ids.includes(id));
}

function readRun(file: string): BenchRun {
  return JSON.parse(readFileSync(file, "utf8"));
}
