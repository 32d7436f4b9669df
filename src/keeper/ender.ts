import { later } from "./later.ts";
import { isLive, type ProcessStat } from "./proc-stat.ts";
import { readProcess, signal } from "./processes.ts";
import type { Run } from "./run.ts";
import type { Survey } from "./survey.ts";

/** Sees to it that nothing of a run is alive when it is said to have ended. */
export interface Ender {
  /** TERM to all of it, KILL to what is left after `graceMs`. */
  stop(run: Run, cause: "stopped" | "timedout", graceMs: number): void;
  /** The command has ended, and its pid is not free yet: what it left behind is ended too. */
  commandEnded(run: Run): void;
  /** Something that was no command has ended. */
  orphanEnded(): void;
  /** All that ended at once has been told. */
  turn(): void;
  /** Watches a run whose command is nobody's child any more. */
  watch(run: Run): void;
}

/** Between looks at what has been told to end: soon at first, since most obey at once. */
const firstLookMs = 2;
const lastLookMs = 200;

/** `finished` is called once for each run, when nothing of it is alive; `after` after a timer. */
export function createEnder(
  survey: Survey,
  finished: (run: Run) => void,
  after: () => void,
): Ender {
  const sweeping = new Set<Run>();
  let isOrphanGone = false;

  function lookAgain(run: Run, delayMs: number): void {
    sweeping.add(run);
    run.cancelSweep();
    run.cancelSweep = later(delayMs, () => {
      sweep(run, Math.min(2 * delayMs, lastLookMs));
      after();
    });
  }

  function finish(run: Run): void {
    sweeping.delete(run);
    run.cancelSweep();
    finished(run);
  }

  /** One look: finish, or end what is left if it is time, and look again. */
  function sweep(run: Run, nextLookMs = firstLookMs): void {
    const untilKill = run.killAtMs - performance.now();
    if (!Number.isFinite(untilKill) && isStrayAlive(run)) return lookAgain(run, lastLookMs);
    const { processes, areAll } = survey.survivors(run);
    const alive = processes.filter(({ pid }) => !run.beyondReach.has(pid));
    const isCommandAlive = run.isChild
      ? run.exit === undefined
      : alive.some(({ pid }) => pid === run.pid);
    if (!isCommandAlive && alive.length === 0 && areAll) return finish(run);
    if (!isCommandAlive && run.stopCause === undefined) run.killAtMs = 0;
    if (run.killAtMs <= performance.now()) {
      signalAll(run, alive, "SIGKILL");
      return lookAgain(run, nextLookMs);
    }
    // A child that lives is seen to end: until then, or until its grace is over, there is no news.
    const isNewsTold = run.isChild && isCommandAlive;
    lookAgain(run, Math.max(1, isNewsTold ? untilKill : Math.min(untilKill, nextLookMs)));
  }

  return {
    stop(run, cause, graceMs) {
      if (run.phase !== "running" || run.exit !== undefined) return;
      const isFirst = run.stopCause === undefined;
      run.stopCause ??= cause;
      run.killAtMs = Math.min(run.killAtMs, performance.now() + graceMs);
      if (isFirst && graceMs > 0) terminate(run, survey.survivors(run).processes);
      sweep(run);
    },
    commandEnded(run) {
      if (run.stopCause === undefined) {
        if (!survey.mayHaveLeftBehind(run)) return finish(run);
        beginKilling(run);
      }
      sweep(run);
    },
    orphanEnded() {
      isOrphanGone = true;
    },
    turn() {
      if (!isOrphanGone) return;
      isOrphanGone = false;
      for (const run of sweeping) if (run.exit !== undefined) sweep(run);
    },
    watch: (run) => sweep(run),
  };
}

/** Whether the command of a run that is no child is still the process that was started. */
function isStrayAlive({ isChild, pid, startTicks }: Run): boolean {
  if (isChild || startTicks === undefined) return false;
  const process = readProcess(pid);
  return process !== undefined && isLive(process) && process.startTicks === startTicks;
}

/** While the ended command keeps its pid, its group can't be another one's. */
function beginKilling(run: Run): void {
  signal(-run.pid, "SIGKILL");
  // A run this short has not been looked up yet; older processes are none of its own.
  run.startTicks ??= readProcess(run.pid)?.startTicks;
}

/** TERM to all of it. What is stopped does not see that before it goes on. */
function terminate(run: Run, alive: readonly ProcessStat[]): void {
  signalAll(run, alive, "SIGTERM");
  signalAll(run, alive, "SIGCONT");
}

/**
 * To the group at once, so that a shell does not see its child die first; then to those outside.
 */
function signalAll(run: Run, alive: readonly ProcessStat[], name: NodeJS.Signals): void {
  const hasLeader = alive.some(({ pid }) => pid === run.pid);
  if (hasLeader) signal(-run.pid, name);
  for (const { pid, group } of alive) {
    const isReached = hasLeader && group === run.pid && name !== "SIGKILL";
    if (!isReached && signal(pid, name) === "denied") run.beyondReach.add(pid);
  }
}
