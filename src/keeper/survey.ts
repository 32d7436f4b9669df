import { isLive, type ProcessStat } from "./proc-stat.ts";
import { createChildrenReader, listProcesses, nonceOf, readProcess } from "./processes.ts";
import type { RunTable } from "./run-table.ts";
import type { Run } from "./run.ts";

/** Finds the processes of a run, wherever they went. */
export interface Survey {
  /**
   * Whether anything of a run may have outlived its command, at the price of one system call: by
   * then whatever it left is a child of the keeper.
   */
  mayHaveLeftBehind(run: Run): boolean;
  /** All that is alive of it, the command included, at the price of a walk through `/proc`. */
  survivors(run: Run): readonly ProcessStat[];
}

/** `adoptsOrphans`: whether orphans come to the keeper, so that its children are all there is. */
export function createSurvey(
  { byPid, liveByNonce }: RunTable,
  keeperPid: number,
  adoptsOrphans: boolean,
): Survey {
  const readChildren = adoptsOrphans ? createChildrenReader(keeperPid) : undefined;

  /**
   * A process is of the run whose nonce it carries, or whose group it is in. One that shed both may
   * be of any run that began before it; the last of those to end takes it along.
   */
  function isOrphanOf(run: Run, orphan: ProcessStat, nonce: string | undefined): boolean {
    if (nonce !== undefined) {
      const owner = liveByNonce.get(nonce);
      if (owner !== undefined) return owner === run;
    }
    for (const other of liveByNonce.values()) {
      if (other === run || !other.isChild) continue;
      if (isInGroup(other, orphan)) return false;
      if ((other.startTicks ?? 0) <= orphan.startTicks && !isInGroup(run, orphan)) return false;
    }
    return true;
  }

  function belongs(run: Run, process: ProcessStat): boolean {
    if (process.pid === run.pid) {
      return run.isChild ? run.exit === undefined : process.startTicks === run.startTicks;
    }
    if (byPid.has(process.pid) || process.startTicks < (run.startTicks ?? 0)) return false;
    if (isInGroup(run, process)) return true;
    const nonce = nonceOf(process.pid);
    if (nonce !== undefined && nonce === run.nonce) return true;
    return run.isChild && process.parent === keeperPid && isOrphanOf(run, process, nonce);
  }

  return {
    mayHaveLeftBehind(run) {
      if (readChildren === undefined) return true;
      return readChildren().some((pid) => {
        if (pid === run.pid || byPid.has(pid)) return false;
        const orphan = readProcess(pid);
        return orphan !== undefined && isLive(orphan) && isOrphanOf(run, orphan, nonceOf(pid));
      });
    },
    survivors(run) {
      const living = listProcesses().filter(
        (process) => isLive(process) && process.pid !== keeperPid,
      );
      return withDescendants(
        living.filter((process) => belongs(run, process)),
        living,
      );
    },
  };
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
