import type { Past } from "./journal-lines.ts";
import { isLive } from "./proc-stat.ts";
import { listProcesses, nonceOf } from "./processes.ts";
import type { RunTable } from "./run-table.ts";
import { type Run, runFromPast } from "./run.ts";

/**
 * Takes in what earlier keepers of this data directory wrote. Those of their runs that may still be
 * alive come back in `liveByNonce`: nobody will see how they end, but that they end.
 */
export function restoreRuns({ byKey, liveByNonce }: RunTable, past: Past, bootId: string): void {
  for (const from of past.runs.values()) {
    const run = runFromPast(from);
    byKey.set(run.key, run);
    if (run.phase === "over") continue;
    if (from.kernelBootId === bootId) {
      if (run.pid === 0) findCommand(run);
      liveByNonce.set(run.nonce, run);
    } else {
      run.phase = "over";
      run.end = { cause: "lost", at: Date.now(), reason: "This machine was started anew." };
    }
  }
}

/** Its keeper died between the start and the writing down of the pid. */
function findCommand(run: Run): void {
  const leaders = listProcesses()
    .filter((process) => isLive(process) && process.pid === process.group)
    .filter(({ pid }) => nonceOf(pid) === run.nonce)
    .toSorted((left, right) => left.startTicks - right.startTicks);
  const [first] = leaders;
  if (first === undefined) return;
  run.pid = first.pid;
  run.session = first.session;
  run.startTicks = first.startTicks;
}
