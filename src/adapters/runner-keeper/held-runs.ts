import type { TaskId } from "../../core/ids.ts";
import type { RunFacts } from "../../core/journal.ts";
import type { RunnerListener, RunRequest } from "../../ports/runner.ts";
import type { SaidLine } from "./conversation.ts";

/** A run whose end the daemon waits for. */
export interface HeldRun {
  readonly id: TaskId;
  readonly attempt: number;
  /** Until it has been said to a keeper. */
  request: RunRequest | undefined;
  isStartedTold: boolean;
  /** It is to be stopped, with this grace; said again to a keeper that comes later. */
  stopGraceMs: number | undefined;
}

/** What a daemon waits to hear, and the telling of it: each fact once, `started` before `ended`. */
export interface HeldRuns {
  hold(run: HeldRun): void;
  find(id: TaskId, attempt: number): HeldRun | undefined;
  all(): readonly HeldRun[];
  drop(run: HeldRun): void;
  count(): number;
  /** Takes in a fact of the keeper; what nobody waits for is ignored. */
  take(line: Exclude<SaidLine, { kind: "replaced" }>): void;
}

export function createHeldRuns(listener: () => RunnerListener): HeldRuns {
  const runs = new Map<string, HeldRun>();

  function started(run: HeldRun, pid: number, at: number): void {
    if (run.isStartedTold) return;
    run.isStartedTold = true;
    listener().started(run.id, run.attempt, pid, at);
  }

  function drop(run: HeldRun): void {
    runs.delete(keyOf(run.id, run.attempt));
  }

  /** The answer about a run that another keeper, or another connection, was asked to start. */
  function learn(run: HeldRun, facts: RunFacts): void {
    const { id, attempt } = run;
    if (facts.kind === "voided") {
      drop(run);
      return listener().voided(id, attempt, "its keeper was killed before it started this");
    }
    if (facts.pid > 0) started(run, facts.pid, facts.startedAt);
    if (facts.kind === "running") return;
    drop(run);
    const reason = "its keeper was killed, so nobody saw its end";
    const lost = { cause: "lost", at: facts.startedAt, reason } as const;
    listener().ended(id, attempt, facts.kind === "ended" ? facts.end : lost);
  }

  return {
    hold: (run) => void runs.set(keyOf(run.id, run.attempt), run),
    find: (id, attempt) => runs.get(keyOf(id, attempt)),
    all: () => [...runs.values()],
    drop,
    count: () => runs.size,
    take(line) {
      const run = runs.get(keyOf(line.id, line.attempt));
      if (run === undefined) return;
      switch (line.kind) {
        case "started":
          return started(run, line.pid, line.at);
        case "ended":
          drop(run);
          return listener().ended(line.id, line.attempt, line.end);
        case "voided":
          drop(run);
          return listener().voided(line.id, line.attempt, line.reason);
        case "facts":
          return learn(run, line.facts);
      }
    },
  };
}

export function keyOf(id: TaskId, attempt: number): string {
  return `${id}/${attempt}`;
}
