import { isLive, type ProcessStat } from "./proc-stat.ts";
import { createChildrenReader, listProcesses, nonceOf, readProcess } from "./processes.ts";
import type { RunTable } from "./run-table.ts";
import type { Run } from "./run.ts";

/** Finds the processes of a run, wherever they went. */
export interface Survey {
  /**
   * Whether anything of a run may have outlived its command, at the price of one system call: by
   * then whatever it left is a child of the keeper, or below one.
   */
  mayHaveLeftBehind(run: Run): boolean;
  /** All that is alive of it, the command included, at the price of a walk through `/proc`. */
  survivors(run: Run): Survivors;
}

export interface Survivors {
  readonly processes: readonly ProcessStat[];
  /** Else a process ended while it was looked at, and may have left one that was not seen. */
  readonly areAll: boolean;
}

/** `adoptsOrphans`: whether orphans come to the keeper, so that its children are all there is. */
export function createSurvey(
  { byPid, liveByNonce }: RunTable,
  keeperPid: number,
  adoptsOrphans: boolean,
): Survey {
  const readChildren = adoptsOrphans ? createChildrenReader(keeperPid) : undefined;

  /** Undefined: it ended before it could be told. */
  function belongs(run: Run, process: ProcessStat): boolean | undefined {
    if (process.pid === run.pid) {
      return run.isChild ? run.exit === undefined : process.startTicks === run.startTicks;
    }
    if (byPid.has(process.pid) || process.startTicks < (run.startTicks ?? 0)) return false;
    if (isInGroup(run, process)) return true;
    const nonce = nonceOf(process.pid);
    if (nonce !== undefined && nonce === run.nonce) return true;
    if (nonce === undefined && !isStill(process)) return undefined;
    return (
      run.isChild && process.parent === keeperPid && isOrphanOf(run, process, nonce, liveByNonce)
    );
  }

  /** An ended child stays until it is reaped; what it left was a child too before it ended. */
  function mayHaveLeftBehind(run: Run): boolean {
    if (readChildren === undefined) return true;
    const dead = new Set<number>();
    for (let before = -1; dead.size > before;) {
      before = dead.size;
      for (const pid of readChildren()) {
        if (pid === run.pid || byPid.has(pid) || dead.has(pid)) continue;
        const nonce = nonceOf(pid);
        const orphan = readProcess(pid);
        if (orphan === undefined || !isLive(orphan)) dead.add(pid);
        else if (isOrphanOf(run, orphan, nonce, liveByNonce)) return true;
      }
    }
    return false;
  }

  return {
    mayHaveLeftBehind,
    survivors(run) {
      const living = listProcesses().filter(
        (process) => isLive(process) && process.pid !== keeperPid,
      );
      const roots: ProcessStat[] = [];
      let areAll = true;
      for (const process of living) {
        const belongsTo = belongs(run, process);
        if (belongsTo === true) roots.push(process);
        else if (belongsTo === undefined) areAll = false;
      }
      return { processes: withDescendants(roots, living), areAll };
    },
  };
}

/**
 * Whether a child of the keeper that is no command is the run's: by the nonce it carries or the
 * group it is in. One that shed both may be of any run that began before it; the last of those to
 * end takes it along.
 */
function isOrphanOf(
  run: Run,
  orphan: ProcessStat,
  nonce: string | undefined,
  liveByNonce: RunTable["liveByNonce"],
): boolean {
  const owner = nonce === undefined ? undefined : liveByNonce.get(nonce);
  if (owner !== undefined) return owner === run;
  if (isInGroup(run, orphan)) return true;
  for (const other of liveByNonce.values()) {
    if (other === run || !other.isChild) continue;
    if (isInGroup(other, orphan) || (other.startTicks ?? 0) <= orphan.startTicks) return false;
  }
  return true;
}

function isStill({ pid, startTicks }: ProcessStat): boolean {
  const now = readProcess(pid);
  return now !== undefined && isLive(now) && now.startTicks === startTicks;
}

/** Group numbers are pids, so they come back; a session keeps the groups of two keepers apart. */
function isInGroup(run: Run, { group, session }: ProcessStat): boolean {
  return run.pid > 0 && group === run.pid && session === run.session;
}

function withDescendants(
  roots: readonly ProcessStat[],
  living: readonly ProcessStat[],
): readonly ProcessStat[] {
  const children = Map.groupBy(living, ({ parent }) => parent);
  const found = new Map(roots.map((root) => [root.pid, root]));
  for (const { pid } of found.values()) {
    for (const child of children.get(pid) ?? []) found.set(child.pid, child);
  }
  return [...found.values()];
}
