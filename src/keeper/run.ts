import type { RunName } from "../contract/line-fields.ts";
import type { RunEnd, RunFacts } from "../core/journal.ts";
import { type JournalLine, type PastRun, runKey } from "./journal-lines.ts";
import { nothing } from "./later.ts";
import type { ChildExit } from "./spawner.ts";

/** An attempt that the keeper knows of: what it holds in memory is what its journal says. */
export interface Run extends RunName {
  readonly key: string;
  readonly nonce: string;
  readonly timeoutMs: number;
  readonly killGraceMs: number;
  /** Unix milliseconds at which it was asked for. */
  readonly askedAt: number;
  /** Whether this keeper started it: its exit will be seen. Else a keeper that died did. */
  readonly isChild: boolean;
  phase: "starting" | "running" | "over";
  /** 0 where it is not known, or was not started. */
  pid: number;
  session: number;
  /** Not looked up for runs that end at once. */
  startTicks: number | undefined;
  startedAt: number;
  /** Journal and daemon know that it was started, and as which process. */
  isIntroduced: boolean;
  /** The command itself has ended; for a stray without saying how. */
  exit: ChildExit | undefined;
  /** Why it is being ended, if it is. */
  stopCause: "stopped" | "timedout" | undefined;
  /** What is alive at this time of `performance.now()` gets KILL. */
  killAtMs: number;
  /** Processes of other users, that the keeper may not end. */
  readonly beyondReach: Set<number>;
  end: RunEnd | undefined;
  /** Set when it was never started, and never will be. */
  voided: string | undefined;
  /** Its end needs not be remembered. */
  isAcknowledged: boolean;
  /** When its timeout is over, by `performance.now()`. */
  dueAtMs: number;
  cancelSweep: () => void;
}

export type RunInit = Pick<
  Run,
  "id" | "attempt" | "nonce" | "timeoutMs" | "killGraceMs" | "askedAt" | "isChild"
>;

/** A run of which nothing has happened yet. */
export function createRun(init: RunInit): Run {
  return {
    ...init,
    key: runKey(init),
    phase: "starting",
    pid: 0,
    session: 0,
    startTicks: undefined,
    startedAt: init.askedAt,
    isIntroduced: false,
    exit: undefined,
    stopCause: undefined,
    killAtMs: Number.POSITIVE_INFINITY,
    beyondReach: new Set(),
    end: undefined,
    voided: undefined,
    isAcknowledged: false,
    dueAtMs: Number.POSITIVE_INFINITY,
    cancelSweep: nothing,
  };
}

/** An attempt from the journal of an earlier keeper. */
export function runFromPast(past: PastRun): Run {
  const { id, attempt, start, voided } = past;
  const { nonce = "", timeoutMs = 0, killGraceMs = 0, at: askedAt = 0 } = start ?? {};
  const run = createRun({
    id,
    attempt,
    nonce,
    timeoutMs,
    killGraceMs,
    askedAt,
    isChild: false,
  });
  run.voided = voided?.reason;
  takeProcess(run, past);
  run.phase = run.end === undefined && run.voided === undefined ? "running" : "over";
  return run;
}

function takeProcess(run: Run, { process, exit }: PastRun): void {
  if (process !== undefined) {
    run.isIntroduced = true;
    run.pid = process.pid;
    run.session = process.session;
    run.startTicks = process.startTicks;
    run.startedAt = process.at;
  }
  if (exit !== undefined) {
    run.pid = exit.pid;
    run.startedAt = exit.startedAt;
    run.end = exit.end;
  }
}

/** What is to be said of it to one who asks. */
export function factsOf({ pid, startedAt, end, voided }: Run): RunFacts {
  if (voided !== undefined) return { kind: "voided" };
  if (end === undefined) return { kind: "running", pid, startedAt };
  if (end.cause === "lost") return { kind: "vanished", pid, startedAt };
  return { kind: "ended", pid, startedAt, end };
}

/** How it ended, now that nothing of it is alive. */
export function endOf({ stopCause, isChild, exit, beyondReach }: Run, at: number): RunEnd {
  const cause = stopCause ?? (isChild ? "exited" : "lost");
  if (cause === "lost")
    return { cause, at, reason: "Its keeper was killed, so nobody saw its end." };
  if (beyondReach.size === 0) return { cause, at, ...exit };
  const pids = [...beyondReach].join(", ");
  return { cause, at, ...exit, reason: `Processes of another user could not be ended: ${pids}.` };
}

/** All that a journal needs to hold of it. */
export function linesOf(run: Run): JournalLine[] {
  const { id, attempt, pid, startedAt } = run;
  if (run.voided !== undefined) return [{ kind: "void", id, attempt, reason: run.voided }];
  if (run.end !== undefined) return [{ kind: "exit", id, attempt, pid, startedAt, end: run.end }];
  return run.startTicks === undefined ? [startLine(run)] : [startLine(run), pidLine(run)];
}

export function startLine(run: Run): JournalLine {
  const { id, attempt, nonce, timeoutMs, killGraceMs, askedAt } = run;
  return { kind: "start", id, attempt, nonce, timeoutMs, killGraceMs, at: askedAt };
}

export function pidLine(run: Run): JournalLine {
  const { id, attempt, pid, session, startedAt } = run;
  const startTicks = run.startTicks ?? 0;
  return { kind: "pid", id, attempt, pid, session, startTicks, at: startedAt };
}
