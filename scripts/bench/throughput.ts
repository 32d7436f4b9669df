import { noopArgv, type BenchNode } from "./bench-node.ts";
import { besideSpooler } from "./beside-spooler.ts";
import { run, timed } from "./command.ts";
import type { BenchContext, Figure, Row } from "./figure.ts";
import { cpuMs } from "./process-facts.ts";
import { median } from "./statistics.ts";
import { submitMany, untilSucceeded } from "./submit-many.ts";
import type { TaskSpooler } from "./task-spooler.ts";

/** Tasks a second of each of them in one round. */
interface Round {
  readonly blanket: number;
  readonly xargs: number;
  readonly xargsShell: number;
  readonly spooler?: number;
}

/**
 * Machines like these drift by a factor of several within minutes, so only ratios within a round
 * compare; the median over the rounds leaves out the unlucky ones.
 */
export const throughput: Figure = {
  id: "throughput",
  title: "no-op tasks, end to end, 2 slots, synced before 201 and after the end",
  measure: (context) => besideSpooler((node, spooler) => measure(context, node, spooler)),
};

async function measure(
  { quick, say }: BenchContext,
  node: BenchNode,
  spooler: TaskSpooler | undefined,
): Promise<readonly Row[]> {
  const tasks = quick ? 300 : 2_000;
  const rounds: Round[] = [];
  let done = 0;
  const blanket = async () => {
    await submitMany(node, tasks, 8);
    done += tasks;
    await untilSucceeded(node, done);
  };
  await blanket();
  const keeper = await node.keeperPid();
  const own = { daemon: 0, keeper: 0 };
  for (let index = 0; index < (quick ? 2 : 7); index += 1) {
    const before = { daemon: cpuMs(node.pid), keeper: cpuMs(keeper) };
    const blanketMs = await timed(blanket);
    own.daemon += cpuMs(node.pid) - before.daemon;
    own.keeper += cpuMs(keeper) - before.keeper;
    const round = {
      blanket: rate(tasks, blanketMs),
      xargs: rate(tasks, await timed(() => xargs(tasks, "true"))),
      xargsShell: rate(tasks, await timed(() => xargs(tasks, noopArgv.join(" ")))),
      ...(spooler && { spooler: rate(tasks, await spooler.runMany(tasks)) }),
    };
    rounds.push(round);
    say(`round ${index + 1}: ${JSON.stringify(round)}`);
  }
  const ran = tasks * rounds.length;
  return rowsOf(rounds, { daemon: own.daemon / ran, keeper: own.keeper / ran });
}

function rate(tasks: number, ms: number): number {
  return Math.round((tasks * 1000) / ms);
}

function xargs(count: number, command: string): Promise<string> {
  return run("sh", ["-c", `seq ${count} | xargs -P2 -n1 ${command}`]);
}

function rowsOf(
  rounds: readonly Round[],
  own: { readonly daemon: number; readonly keeper: number },
): readonly Row[] {
  const all = (of: (round: Round) => number | undefined) =>
    rounds.map(of).filter((value) => value !== undefined);
  const ratio = (of: (round: Round) => number | undefined) =>
    all((round) => {
      const other = of(round);
      return other === undefined ? undefined : round.blanket / other;
    });
  const rows: Row[] = [
    { what: `blanket, ${noopArgv.join(" ")}`, value: median(all((r) => r.blanket)), unit: "/s" },
    { what: "xargs -P2 -n1 true", value: median(all((r) => r.xargs)), unit: "/s" },
    { what: "xargs -P2 -n1 sh -c true", value: median(all((r) => r.xargsShell)), unit: "/s" },
    {
      what: "blanket : xargs true",
      value: median(ratio((r) => r.xargs)),
      unit: "×",
      budget: { atLeast: 1.2 },
    },
    { what: "blanket : xargs sh -c true", value: median(ratio((r) => r.xargsShell)), unit: "×" },
  ];
  const spoolerRates = all((round) => round.spooler);
  if (spoolerRates.length > 0) {
    rows.push({ what: "task-spooler, sh -c true", value: median(spoolerRates), unit: "/s" });
    const value = median(ratio((round) => round.spooler));
    rows.push({ what: "blanket : task-spooler", value, unit: "×", budget: { atLeast: 3 } });
  }
  rows.push({ what: "CPU of the daemon per task", value: own.daemon, unit: "ms" });
  rows.push({ what: "CPU of the keeper per task", value: own.keeper, unit: "ms" });
  return rows;
}
