import type { NodeId, TaskId } from "../core/ids.ts";
import type { JournalStarting, RunEnd } from "../core/journal.ts";
import type { Started } from "../core/task/record.ts";
import type { Claim } from "./claim.ts";
import type { EngineContext } from "./context.ts";
import { createProgressBoard, type ProgressBoard } from "./progress.ts";
import type { Worker } from "./workers.ts";

/** An attempt of this node that is being started, or runs. */
export interface Run {
  readonly id: TaskId;
  readonly attempt: number;
  /** Absent where it was adopted and its worker is no longer there. */
  readonly worker: Worker | undefined;
  readonly journal: JournalStarting;
  /** From here on only the keeper knows whether it runs. */
  launched: boolean;
}

/** The attempts of this node between claim and end. */
export interface Runs {
  readonly progress: ProgressBoard;
  /** The claim is on disk: makes the directory and starts the command. */
  launch(claim: Claim): void;
  /** Takes in an attempt that an earlier daemon started. */
  adopt(run: Run, pid: number, startedAt: number): void;
  started(id: TaskId, attempt: number, pid: number, at: number): void;
  /** A cancel of it is on disk. */
  stop(id: TaskId, attempt: number): void;
  /** It has ended: gives its worker back. */
  finish(id: TaskId, attempt: number): void;
  all(): readonly Run[];
  count(): number;
  clear(): void;
}

/** An attempt is over without the keeper's word: it never started. */
type Over = (id: TaskId, attempt: number, end: RunEnd) => void;

interface State {
  readonly context: EngineContext;
  readonly over: Over;
  readonly runs: Map<string, Run>;
  readonly progress: ProgressBoard;
}

export function createRuns(context: EngineContext, over: Over): Runs {
  const runs = new Map<string, Run>();
  const launched = (): TaskId[] =>
    [...runs.values()].filter((run) => run.launched).map((run) => run.id);
  const progress = createProgressBoard(context.ports, launched);
  const state: State = { context, over, runs, progress };
  return {
    progress,
    launch: (claim) => void launch(state, claim),
    adopt(run, pid, startedAt) {
      add(state, run);
      started(state, run.id, run.attempt, pid, startedAt);
    },
    started: (id, attempt, pid, at) => started(state, id, attempt, pid, at),
    stop(id, attempt) {
      const run = runs.get(keyOf(id, attempt));
      if (run?.launched !== true) return;
      context.ports.runner.stop(id, attempt, run.journal.killGraceMs);
    },
    finish(id, attempt) {
      const run = runs.get(keyOf(id, attempt));
      runs.delete(keyOf(id, attempt));
      progress.forget(id);
      if (run?.worker !== undefined) context.workers.release(run.worker);
    },
    all: () => [...runs.values()],
    count: () => runs.size,
    clear() {
      runs.clear();
      progress.clear();
    },
  };
}

function keyOf(id: TaskId, attempt: number): string {
  return `${id}/${attempt}`;
}

function add({ runs, progress }: State, run: Run): void {
  runs.set(keyOf(run.id, run.attempt), run);
  progress.wake();
}

async function launch(state: State, claim: Claim): Promise<void> {
  const { task, attempt, worker, journal, plan, directory } = claim;
  const { clock, runner } = state.context.ports;
  const run: Run = { id: task.id, attempt, worker, journal, launched: false };
  add(state, run);
  const made = await directory;
  // Read anew meanwhile: the keeper was asked after it, and never starts it if it had not.
  if (state.runs.get(keyOf(run.id, attempt)) !== run) return;
  const { value } = task.working.record.decided;
  const at = clock.now();
  if (value.phase === "CLAIMED" && value.stop) {
    return state.over(run.id, attempt, { cause: "stopped", at, reason: neverStarted });
  }
  if (made.kind === "failed") {
    return state.over(run.id, attempt, { cause: "unstartable", at, reason: made.reason });
  }
  // Without a directory it is left as claimed: the next start finds that it never started.
  if (made.kind === "abandoned" || plan.kind === "impossible") return;
  run.launched = true;
  runner.launch(plan.request);
}

const neverStarted = "cancelled before it started";

/** Shown at once, and stored with the end: until then the keeper can repeat it. */
function started(state: State, id: TaskId, attempt: number, pid: number, at: number): void {
  const { replica, options, ports } = state.context;
  const run = state.runs.get(keyOf(id, attempt));
  const task = replica.live(id);
  if (run === undefined || task === undefined) return;
  const { record, register } = task.working;
  const fact = startedFact(run, options.nodeId, pid, at);
  const next = { ...record, started: { ...record.started, [attempt]: fact } };
  task.working = { record: next, register };
  replica.show(task, { ...(task.shown ?? next), started: next.started });
  ports.metrics.count("tasks_started_total");
}

function startedFact({ journal }: Run, node: NodeId, pid: number, at: number): Started {
  const { worker, typeDigest, timeoutMs, typeEnvironment } = journal;
  return { at, node, pid, worker, typeDigest, timeoutMs, typeEnvironment };
}
