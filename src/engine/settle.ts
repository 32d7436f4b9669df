import type { TaskId } from "../core/ids.ts";
import type { RunEnd } from "../core/journal.ts";
import type { Command } from "../core/register/commands.ts";
import { commandAfter, outcomeOf } from "../core/retry.ts";
import type { TaskRecord } from "../core/task/record.ts";
import { ownState } from "../core/task/shown-state.ts";
import { canSettle, type EngineContext } from "./context.ts";
import type { Picker } from "./pick.ts";
import type { LiveTask } from "./replica.ts";
import type { Runs } from "./runs.ts";

/** Turns ends of attempts into decided outcomes, and stores them before anybody is told. */
export interface Settler {
  /** The runner says that the attempt has ended. */
  ended(id: TaskId, attempt: number, end: RunEnd): void;
  /** The runner says that it never started and never will. */
  voided(id: TaskId, attempt: number, reason: string): void;
  /** Has it decided that an attempt of the task is over, and what follows. */
  conclude(task: LiveTask, attempt: number, command: Command): void;
}

interface State {
  readonly context: EngineContext;
  readonly runs: Runs;
  readonly picker: Picker;
}

/** A keeper that can't be started is asked again after this. */
const voidedPauseMs = 1_000;

export function createSettler(context: EngineContext, runs: Runs, picker: Picker): Settler {
  const state: State = { context, runs, picker };
  return {
    ended: (id, attempt, end) => ended(state, id, attempt, end),
    voided(id, attempt, reason) {
      const { log, clock } = context.ports;
      if (!canSettle(context.session)) return;
      log.warn("an attempt could not be started", { task: id, attempt, reason });
      clock.after(voidedPauseMs, () => concludeVoided(state, id, attempt));
    },
    conclude: (task, attempt, command) => conclude(state, task, attempt, command),
  };
}

function ended(state: State, id: TaskId, attempt: number, end: RunEnd): void {
  const { ports, session } = state.context;
  if (!canSettle(session)) return;
  const task = claimedHere(state, id, attempt);
  if (task === undefined) return forgotten(state, id, attempt);
  const { ended: endedAttempts, decided } = task.working.record;
  const { spec } = decided;
  const over = {
    n: attempt,
    endedBefore: Object.keys(endedAttempts).length,
    outcome: outcomeOf(end),
    stop: isStopping(task),
    onLost: spec.onLost,
    retry: spec.retry,
  };
  const command = commandAfter(over, ports.clock.now(), ports.random.float());
  conclude(state, task, attempt, command);
}

/** An end that was settled before, and may be on its way to disk, or whose task was dropped. */
function forgotten({ context, runs, picker }: State, id: TaskId, attempt: number): void {
  const { replica, ports } = context;
  if (replica.live(id) === undefined) {
    runs.finish(id, attempt);
    picker.pick();
  }
  const stored = replica.live(id)?.committed ?? Promise.resolve();
  stored.then(
    () => ports.runner.acknowledge(id, attempt),
    () => ports.log.warn("an outcome waits for the store", { task: id, attempt }),
  );
}

function concludeVoided(state: State, id: TaskId, attempt: number): void {
  const task = claimedHere(state, id, attempt);
  if (task === undefined || !canSettle(state.context.session)) return;
  const at = state.context.ports.clock.now();
  const outcome = { kind: "stopped", at, reason: "cancelled before it started" } as const;
  const command: Command = isStopping(task)
    ? { kind: "finish", n: attempt, outcome }
    : { kind: "release", n: attempt };
  conclude(state, task, attempt, command);
}

/** Decides, stores, and only then lets the keeper forget. */
function conclude(state: State, task: LiveTask, attempt: number, command: Command): void {
  const { replica, registers, ports } = state.context;
  const { log, runner } = ports;
  const change = registers.change(task.working, command);
  if (change.kind !== "applied") {
    log.error("the end of an attempt could not be decided", { task: task.id, attempt, change });
    // It does not run any more, whatever becomes of its task; the keeper remembers its end.
    state.runs.finish(task.id, attempt);
    return state.picker.pick();
  }
  const { record, register } = change.version;
  const version = { record: withEnded(record, command), register };
  const journal = { kind: "delete", table: "journal", key: `${task.id}/${attempt}` } as const;
  const stored = replica.commit(task, version, [journal]);
  // The next claim for the worker goes to disk in the same batch.
  state.runs.finish(task.id, attempt);
  state.picker.pick();
  stored.then(
    () => {
      runner.acknowledge(task.id, attempt);
      countEnd(state.context, version.record);
      state.picker.reconsider(task.id);
    },
    (error: unknown) => log.warn("an outcome waits for the store", { task: task.id, error }),
  );
}

function claimedHere({ context }: State, id: TaskId, attempt: number): LiveTask | undefined {
  const task = context.replica.live(id);
  const value = task?.working.record.decided.value;
  if (value?.phase !== "CLAIMED" || value.n !== attempt) return undefined;
  return value.owner === context.options.nodeId ? task : undefined;
}

function isStopping(task: LiveTask): boolean {
  const { value } = task.working.record.decided;
  return value.phase === "CLAIMED" && value.stop;
}

/** Keeps how an attempt ended that another one follows. */
function withEnded(record: TaskRecord, command: Command): TaskRecord {
  if (command.kind !== "retry") return record;
  return { ...record, ended: { ...record.ended, [command.n]: command.outcome } };
}

function countEnd({ ports: { metrics, clock } }: EngineContext, record: TaskRecord): void {
  const { value } = record.decided;
  if (value.phase !== "CLOSED") return;
  metrics.count("tasks_ended_total", [ownState(record)]);
  metrics.observe("submit_to_end_seconds", (clock.now() - record.createdAt) / 1_000);
}
