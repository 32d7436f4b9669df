import type { NodeId, TaskId } from "../core/ids.ts";
import type { RunEnd } from "../core/journal.ts";
import type { Command } from "../core/register/commands.ts";
import { commandAfter, outcomeOf } from "../core/retry.ts";
import type { TaskRecord } from "../core/task/record.ts";
import type { EnginePorts } from "./deps.ts";
import type { Registers } from "./registers.ts";
import type { LiveTask, Replica } from "./replica.ts";
import type { Runs } from "./runs.ts";
import type { Workers } from "./workers.ts";

/** Turns ends of attempts into decided outcomes, and stores them before anybody is told. */
export interface Settler {
  /** The runner says that the attempt has ended. */
  ended(id: TaskId, attempt: number, end: RunEnd): void;
  /** The runner says that it never started and never will. */
  voided(id: TaskId, attempt: number, reason: string): void;
  /** Has it decided that attempt `attempt` of the task is over, and what follows. */
  conclude(task: LiveTask, attempt: number, command: Command): void;
}

export interface SettlerDeps {
  readonly ports: EnginePorts;
  readonly self: NodeId;
  readonly replica: Replica;
  readonly registers: Registers;
  readonly runs: Runs;
  readonly workers: Workers;
  /** A worker is free. */
  pick(): void;
  reconsider(id: TaskId): void;
  /** While the store is away nothing is settled; the keeper tells again afterwards. */
  isReady(): boolean;
}

/** A keeper that can't be started is asked again after this. */
const voidedPauseMs = 1_000;

export function createSettler(deps: SettlerDeps): Settler {
  const { ports, replica, registers } = deps;
  const { clock, random, runner, log, metrics } = ports;

  function claimedHere(id: TaskId, attempt: number): LiveTask | undefined {
    const task = replica.live(id);
    const value = task?.working.record.decided.value;
    const isOurs = value?.phase === "CLAIMED" && value.n === attempt && value.owner === deps.self;
    return isOurs ? task : undefined;
  }

  function freeWorkerOf(id: TaskId, attempt: number): void {
    const run = deps.runs.get(id, attempt);
    if (run === undefined) return;
    deps.runs.finish(run);
    if (run.worker !== undefined) deps.workers.release(run.worker);
  }

  /** Decides, stores, and only then lets the keeper forget. */
  function conclude(task: LiveTask, attempt: number, command: Command): void {
    const change = registers.change(task.working, command);
    if (change.kind !== "applied") {
      log.error("the end of an attempt could not be decided", { task: task.id, attempt, change });
      return;
    }
    const { record, register } = change.version;
    const version = { record: withEnded(record, command), register };
    const journal = { kind: "delete", table: "journal", key: `${task.id}/${attempt}` } as const;
    const stored = replica.commit(task, version, [journal]);
    freeWorkerOf(task.id, attempt);
    deps.pick();
    stored.then(
      () => {
        runner.acknowledge(task.id, attempt);
        told(version.record);
        deps.reconsider(task.id);
      },
      (error: unknown) => log.warn("an outcome waits for the store", { task: task.id, error }),
    );
  }

  function told(record: TaskRecord): void {
    const { value } = record.decided;
    if (value.phase !== "CLOSED") return;
    metrics.count("tasks_ended_total", [value.outcome?.kind ?? value.why]);
    metrics.observe("submit_to_end_seconds", (clock.now() - record.createdAt) / 1_000);
  }

  return {
    conclude,
    ended(id, attempt, end) {
      if (!deps.isReady()) return;
      const task = claimedHere(id, attempt);
      if (task === undefined) return runner.acknowledge(id, attempt);
      const { spec, value } = task.working.record.decided;
      const over = {
        n: attempt,
        outcome: outcomeOf(end),
        stop: value.phase === "CLAIMED" && value.stop,
        onLost: spec.onLost,
        retry: spec.retry,
      };
      conclude(task, attempt, commandAfter(over, clock.now(), random.float()));
    },
    voided(id, attempt, reason) {
      if (!deps.isReady()) return;
      log.warn("an attempt could not be started", { task: id, attempt, reason });
      clock.after(voidedPauseMs, () => {
        const task = deps.isReady() ? claimedHere(id, attempt) : undefined;
        if (task === undefined) return;
        const { value } = task.working.record.decided;
        const at = clock.now();
        const outcome = { kind: "stopped", at, reason: "cancelled before it started" } as const;
        const isStopped = value.phase === "CLAIMED" && value.stop;
        conclude(
          task,
          attempt,
          isStopped ? { kind: "finish", n: attempt, outcome } : { kind: "release", n: attempt },
        );
      });
    },
  };
}

/** Keeps how an attempt ended that another one follows. */
function withEnded(record: TaskRecord, command: Command): TaskRecord {
  if (command.kind !== "retry") return record;
  return { ...record, ended: { ...record.ended, [command.n]: command.outcome } };
}
