import type { DaemonLine, KeeperLine } from "../contract/keeper-lines.ts";
import type { RunName } from "../contract/line-fields.ts";
import type { RunFacts } from "../core/journal.ts";
import { createDeadlines } from "./deadlines.ts";
import { createEnder } from "./ender.ts";
import { createForgotten } from "./forgotten.ts";
import { type JournalLine, type Past, runKey } from "./journal-lines.ts";
import type { Journal } from "./journal.ts";
import type { KeeperState } from "./keeper-state.ts";
import { createNonces } from "./nonces.ts";
import { restoreRuns } from "./restore.ts";
import { createRunTable } from "./run-table.ts";
import { factsOf, linesOf, type Run } from "./run.ts";
import type { Spawner } from "./spawner.ts";
import { start, voidRun } from "./start.ts";
import { createSurvey } from "./survey.ts";
import { createIntroductions, finish, forget, forgetOthers, introduce, repeat } from "./telling.ts";

/** Starts each attempt at most once, sees to its end, and remembers until that is acknowledged. */
export interface Keeper {
  /** Does what the daemon said. What it is answered goes out with the next `turn`. */
  take(line: RunLine): void;
  /** Writes and tells what has come about: once for all that happened at a time. */
  turn(): void;
  /** Whether anything may be alive. */
  isBusy(): boolean;
}

/** What a daemon says about a run. */
export type RunLine = Exclude<DaemonLine, { kind: "hello" }>;

export interface KeeperDeps {
  readonly spawner: Spawner;
  /** What earlier keepers of this directory wrote. */
  readonly past: Past;
  readonly openJournal: (allLines: () => readonly JournalLine[]) => Journal;
  readonly tell: (line: KeeperLine) => void;
  /** Sends what was told, once the journal has it. */
  readonly send: () => void;
}

export interface KeeperOptions {
  readonly pid: number;
  readonly startTicks: number;
  readonly kernelBootId: string;
}

export function createKeeper(deps: KeeperDeps, options: KeeperOptions): Keeper {
  const { spawner, past, tell, send } = deps;
  const table = createRunTable();
  const forgotten = createForgotten(past.acknowledged);
  restoreRuns(table, past, options.kernelBootId);

  const allLines = (): JournalLine[] => [
    { kind: "keeper", ...options },
    ...forgotten.all().map(({ id, attempt }) => ({ kind: "ack" as const, id, attempt })),
    ...[...table.byKey.values()].flatMap(linesOf),
  ];
  const journal = deps.openJournal(allLines);

  function turn(): void {
    journal.flush();
    send();
  }

  const survey = createSurvey(table, options.pid, spawner.adoptsOrphans);
  const ender = createEnder(survey, (run) => finish(state, run), turn);
  const introduceSoon = createIntroductions((run) => introduce(state, run), turn);
  const limitTime = createDeadlines(
    () => table.liveByNonce.values(),
    (run) => {
      ender.stop(run, "timedout", run.killGraceMs);
      turn();
    },
  );
  const state: KeeperState = {
    table,
    forgotten,
    spawner,
    journal,
    ender,
    nonce: createNonces(),
    tell,
    turn,
    limitTime,
    introduceSoon,
  };

  spawner.listen(
    (pid, exit) => {
      const run = table.byPid.get(pid);
      if (run === undefined) return ender.orphanEnded();
      table.byPid.delete(pid);
      run.exit = exit;
      ender.commandEnded(run);
    },
    () => {
      ender.turn();
      turn();
    },
  );
  // Nobody sees how these end; but that they end, and that they end in time.
  for (const run of table.liveByNonce.values()) {
    const { timeoutMs, startedAt } = run;
    if (timeoutMs > 0) limitTime(run, Math.max(0, startedAt + timeoutMs - Date.now()));
    ender.watch(run);
  }
  return { take: (line) => take(state, line), turn, isBusy: () => table.liveByNonce.size > 0 };
}

function take(state: KeeperState, line: RunLine): void {
  if (line.kind === "recovered") return forgetOthers(state, line.open);
  const { id, attempt } = line;
  const run = state.table.byKey.get(runKey(line));
  switch (line.kind) {
    case "start":
      if (run === undefined) start(state, line);
      else repeat(state, run);
      return;
    case "stop":
      if (run?.phase === "running") state.ender.stop(run, "stopped", line.graceMs);
      else if (run !== undefined) repeat(state, run);
      return;
    case "inquire":
      return state.tell({ kind: "facts", id, attempt, facts: factsFor(state, line, run) });
    case "acknowledge":
      if (run?.phase === "over") forget(state, run);
      else if (run !== undefined) run.isAcknowledged = true;
      return;
  }
}

/** One that is not known never starts from now on. */
function factsFor(state: KeeperState, name: RunName, run: Run | undefined): RunFacts {
  if (run !== undefined) return factsOf(run);
  if (state.forgotten.has(name)) return { kind: "vanished", pid: 0, startedAt: 0 };
  return factsOf(voidRun(state, name, unasked));
}

const unasked = "It had not been started when its daemon asked for it.";
