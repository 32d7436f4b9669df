import type { RunName } from "../contract/line-fields.ts";
import type { RunEnd } from "../core/journal.ts";
import { runKey } from "./journal-lines.ts";
import type { KeeperState } from "./keeper-state.ts";
import { later } from "./later.ts";
import { readProcess } from "./processes.ts";
import { endOf, pidLine, type Run } from "./run.ts";

/** Says again what is known of a run: the daemon that was told may be gone. */
export function repeat({ tell }: KeeperState, run: Run): void {
  const { id, attempt, pid, startedAt, end, voided } = run;
  if (voided !== undefined) return tell({ kind: "voided", id, attempt, reason: voided });
  if (pid > 0) tell({ kind: "started", id, attempt, pid, at: startedAt });
  if (end !== undefined) tell({ kind: "ended", id, attempt, end });
}

/** Writes down and tells that it runs, and as which process. */
export function introduce({ journal, tell }: KeeperState, run: Run): void {
  const { id, attempt, pid, startedAt } = run;
  run.isIntroduced = true;
  run.startTicks ??= readProcess(pid)?.startTicks;
  if (run.startTicks !== undefined) journal.append(pidLine(run));
  tell({ kind: "started", id, attempt, pid, at: startedAt });
}

/** Writes down and tells that nothing of it is alive. From here on it is only remembered. */
export function finish(state: KeeperState, run: Run, end: RunEnd = endOf(run, Date.now())): void {
  const { table, journal, tell } = state;
  const { id, attempt, pid, startedAt } = run;
  run.end = end;
  run.phase = "over";
  table.liveByNonce.delete(run.nonce);
  journal.append({ kind: "exit", id, attempt, pid, startedAt, end });
  if (!run.isIntroduced && pid > 0) tell({ kind: "started", id, attempt, pid, at: startedAt });
  tell({ kind: "ended", id, attempt, end });
  if (run.isAcknowledged) forget(state, run);
}

/** Its end is stored elsewhere: all that needs to be known is that it does not start again. */
export function forget({ table, forgotten, journal }: KeeperState, run: Run): void {
  const { id, attempt, key } = run;
  table.byKey.delete(key);
  forgotten.add({ id, attempt });
  journal.append({ kind: "ack", id, attempt });
}

/** Their daemon stored these ends and died before it could say so; or it was never theirs. */
export function forgetOthers(state: KeeperState, open: readonly RunName[]): void {
  const wanted = new Set(open.map(runKey));
  for (const run of state.table.byKey.values()) {
    if (run.phase === "over" && !wanted.has(run.key)) forget(state, run);
  }
}

/** Runs that end sooner are told of, and looked up in `/proc`, only once. */
const introductionDelayMs = 20;

/** Collects started runs for a moment, and tells of those that still run then. */
export function createIntroductions(
  introduceOne: (run: Run) => void,
  turn: () => void,
): (run: Run) => void {
  let waiting: Run[] = [];

  function elapse(): void {
    const due = waiting.filter(({ phase }) => phase === "running");
    waiting = [];
    for (const run of due) introduceOne(run);
    if (due.length > 0) turn();
  }

  return (run) => {
    waiting.push(run);
    if (waiting.length === 1) later(introductionDelayMs, elapse);
  };
}
