import { BlanketError } from "../core/errors.ts";
import type { TaskId } from "../core/ids.ts";
import type { JournalStarting, RunEnd } from "../core/journal.ts";
import { limits } from "../core/limits.ts";
import type { Started } from "../core/task/record.ts";
import type { Progress } from "../core/task/show.ts";
import type { EngineOptions, EnginePorts } from "./deps.ts";
import type { Claim } from "./pick.ts";
import type { Replica } from "./replica.ts";
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
  get(id: TaskId, attempt: number): Run | undefined;
  /** The claim is on disk: makes the directory and starts the command. */
  launch(claim: Claim): void;
  /** Takes in an attempt that an earlier daemon started. */
  adopt(run: Run, pid: number, startedAt: number): void;
  started(id: TaskId, attempt: number, pid: number, at: number): void;
  /** A cancel of it is on disk. */
  stop(id: TaskId, attempt: number): void;
  /** It has ended; its worker is free. */
  finish(run: Run): void;
  progress(id: TaskId): Progress | undefined;
  setProgress(id: TaskId, progress: Progress): void;
  all(): Iterable<Run>;
  count(): number;
  clear(): void;
}

export interface RunsDeps {
  readonly ports: EnginePorts;
  readonly options: EngineOptions;
  readonly replica: Replica;
  /** The attempt is over without the keeper's word: it was never started. */
  over(id: TaskId, attempt: number, end: RunEnd): void;
}

/** How often files of running tasks are read for progress. */
const progressEveryMs = 500;

export function createRuns(deps: RunsDeps): Runs {
  const { ports, options, replica } = deps;
  const { clock, runner, files } = ports;
  const runs = new Map<string, Run>();
  const progress = new Map<TaskId, Progress>();
  let poll: (() => void) | undefined;

  function add(run: Run): void {
    runs.set(keyOf(run.id, run.attempt), run);
    poll ??= clock.after(progressEveryMs, () => void readProgress());
  }

  async function readProgress(): Promise<void> {
    poll = undefined;
    for (const { id, launched } of runs.values()) {
      const line = launched ? await files.readProgress(id) : undefined;
      const told = line === undefined ? undefined : parseProgress(line);
      if (told !== undefined) progress.set(id, told);
    }
    if (runs.size > 0) poll ??= clock.after(progressEveryMs, () => void readProgress());
  }

  function launch({ task, attempt, worker, journal, plan }: Claim): void {
    const { id } = task;
    const run: Run = { id, attempt, worker, journal, launched: false };
    add(run);
    if (plan.kind === "impossible") return over(run, "unstartable", plan.reason);
    const prepared = files.prepare(plan.directory);
    const start = (): void => {
      const { value } = task.working.record.decided;
      if (value.phase === "CLAIMED" && value.stop) {
        return over(run, "stopped", "cancelled before it started");
      }
      run.launched = true;
      runner.launch(plan.request);
    };
    if (prepared === undefined) return start();
    prepared.then(start, (error: unknown) => over(run, "unstartable", sentenceOf(error)));
  }

  function over(run: Run, cause: RunEnd["cause"], reason: string): void {
    deps.over(run.id, run.attempt, { cause, at: clock.now(), reason });
  }

  function started(id: TaskId, attempt: number, pid: number, at: number): void {
    const run = runs.get(keyOf(id, attempt));
    const task = replica.live(id);
    if (run === undefined || task === undefined) return;
    const { record, register } = task.working;
    const fact = startedFact(run, options, pid, at);
    const next = { ...record, started: { ...record.started, [attempt]: fact } };
    task.working = { record: next, register };
    replica.show(task, { ...(task.shown ?? next), started: next.started });
  }

  return {
    get: (id, attempt) => runs.get(keyOf(id, attempt)),
    launch,
    adopt(run, pid, startedAt) {
      add(run);
      started(run.id, run.attempt, pid, startedAt);
    },
    started,
    stop(id, attempt) {
      const run = runs.get(keyOf(id, attempt));
      if (run?.launched === true) runner.stop(id, attempt, run.journal.killGraceMs);
    },
    finish(run) {
      runs.delete(keyOf(run.id, run.attempt));
      progress.delete(run.id);
    },
    progress: (id) => progress.get(id),
    setProgress: (id, told) => progress.set(id, told),
    all: () => runs.values(),
    count: () => runs.size,
    clear() {
      runs.clear();
      progress.clear();
      poll?.();
      poll = undefined;
    },
  };
}

function keyOf(id: TaskId, attempt: number): string {
  return `${id}/${attempt}`;
}

function startedFact(run: Run, options: EngineOptions, pid: number, at: number): Started {
  return {
    at,
    node: options.nodeId,
    pid,
    worker: run.journal.worker,
    typeDigest: run.journal.typeDigest,
    timeoutMs: run.journal.timeoutMs,
    typeEnvironment: run.journal.typeEnvironment,
  };
}

/** `40 half way`: a number from 0 to 100, and a note. */
function parseProgress(line: string): Progress | undefined {
  const match = /^\s*(\d{1,3}(?:\.\d+)?)\s*%?\s*(.*)$/.exec(line);
  const percent = Number(match?.[1]);
  if (match === null || !(percent <= 100)) return undefined;
  const note = (match[2] ?? "").slice(0, limits.progressNoteBytesMax);
  return { percent, note: note === "" ? null : note };
}

function sentenceOf(error: unknown): string {
  return error instanceof BlanketError || error instanceof Error ? error.message : String(error);
}
