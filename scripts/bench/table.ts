import { budgetText, verdict, type Row } from "./figure.ts";
import type { Machine } from "./machine.ts";

/** One figure as it was measured. */
export interface Measured {
  readonly id: string;
  readonly title: string;
  readonly rows: readonly Row[];
  /** Why there are no rows. */
  readonly error?: string;
}

/** A whole run, as it is written to `bench-results/`. */
export interface BenchRun {
  readonly at: string;
  readonly quick: boolean;
  readonly machine: Machine;
  readonly figures: readonly Measured[];
}

/** The run for a terminal. */
export function plainTable(run: BenchRun): string {
  const cells = run.figures.flatMap(({ rows }) => rows.map(cellsOf));
  const width = (column: number) => Math.max(0, ...cells.map((row) => row[column]?.length ?? 0));
  const line = (row: Row) => {
    const [what, value, budget, outcome] = cellsOf(row);
    const columns = [what.padEnd(width(0)), value.padStart(width(1)), budget.padEnd(width(2))];
    return `  ${columns.join("  ")}  ${outcome}`.trimEnd();
  };
  const blocks = run.figures.map(({ title, rows, error }) =>
    [title, ...rows.map(line), ...(error === undefined ? [] : [`  ${error}`])].join("\n"),
  );
  return [heading(run), ...blocks].join("\n\n");
}

/** The run for docs/performance.md. */
export function markdownTable(run: BenchRun): string {
  const rows = run.figures.flatMap(({ title, rows: measured, error }) => [
    `| **${title}** | ${error ?? ""} | | |`,
    ...measured.map((row) => `| ${cellsOf(row).join(" | ")} |`),
  ]);
  return [heading(run), "", "| figure | value | budget | |", "|---|--:|---|---|", ...rows].join(
    "\n",
  );
}

function heading({ at, quick, machine }: BenchRun): string {
  const { cpu, cores, memoryGiB, kernel, node, fileSystem, commit, load } = machine;
  const mode = quick ? " Quick run: figures are rough." : "";
  // A start of a process waits for a free core several times, so that even ratios suffer.
  const isBusy = load > cores / 2;
  const busy = isBusy
    ? ` Load ${load.toFixed(1)} before it: others used the machine, so measure again.`
    : "";
  return `${at.slice(0, 10)}, commit ${commit}: ${cores} × ${cpu}, ${memoryGiB} GiB, Linux ${kernel}, ${fileSystem}, Node ${node}.${mode}${busy}`;
}

function cellsOf(row: Row): readonly [string, string, string, string] {
  const budget = row.budget === undefined ? "" : budgetText(row.budget);
  const outcome = [verdict(row), row.note ?? ""].filter((text) => text !== "").join("; ");
  return [row.what, `${rounded(row.value)} ${row.unit}`.trimEnd(), budget, outcome];
}

/** Three digits that mean something. */
function rounded(value: number): string {
  if (Math.abs(value) >= 100) return Math.round(value).toLocaleString("en");
  return value.toFixed(Math.abs(value) >= 10 ? 1 : 2);
}
