import { BlanketError } from "../core/errors.ts";
import { hexOf, type TaskId } from "../core/ids.ts";
import type { Command } from "../core/register/commands.ts";
import type { TaskRecord } from "../core/task/record.ts";
import { ownState } from "../core/task/shown-state.ts";
import type { EngineContext } from "./context.ts";
import type { Picker } from "./pick.ts";
import { whyHeld } from "./registers.ts";
import type { LiveTask } from "./replica.ts";
import type { Runs } from "./runs.ts";

/** What users do to a task that is there already. Each resolves once it is decided and stored. */
export interface Intervention {
  /** For a running task: after its processes are gone. @throws TRANSITION_ILLEGAL */
  cancel(id: TaskId): Promise<TaskRecord>;
  /**
   * With `isForced` also one that nothing can be decided about: its record goes all the same.
   * @throws TRANSITION_ILLEGAL for such a one otherwise
   */
  remove(id: TaskId, isForced?: boolean): Promise<TaskRecord>;
  /** @throws TRANSITION_ILLEGAL */
  setPaused(id: TaskId, paused: boolean): Promise<TaskRecord>;
  expire(task: LiveTask): void;
  /** Resolves with the record once the task is closed or dropped, or as it is at an abort. */
  closed(id: TaskId, signal?: AbortSignal): Promise<TaskRecord>;
}

interface State {
  readonly context: EngineContext;
  readonly picker: Picker;
  readonly runs: Runs;
}

/** Between TERM and KILL for what is dropped: its type may be gone, or not be here. */
const givenUpGraceMs = 10_000;

export function createIntervention(
  context: EngineContext,
  picker: Picker,
  runs: Runs,
): Intervention {
  const state: State = { context, picker, runs };
  return {
    cancel: (id) => cancel(state, id),
    remove: (id, isForced = false) => remove(state, id, isForced),
    setPaused: (id, paused) => setPaused(state, id, paused),
    expire: (task) => expire(state, task),
    closed: (id, signal) => closed(state, id, signal),
  };
}

async function cancel(state: State, id: TaskId): Promise<TaskRecord> {
  const task = await liveTask(state, id, "cancelled");
  const before = task.working.record.decided.value;
  if (before.phase === "CLAIMED" && before.stop) return closed(state, id);
  const at = state.context.ports.clock.now();
  await decide(state, task, { kind: "cancel", at }, "cancelled");
  const { value } = task.working.record.decided;
  if (value.phase === "CLAIMED") state.runs.stop(id, value.n);
  return closed(state, id);
}

async function remove(state: State, id: TaskId, isForced: boolean): Promise<TaskRecord> {
  const { replica, ports, options } = state.context;
  const task = replica.live(id);
  const isGivenUp =
    isForced && task !== undefined && whyHeld(options.nodeId, task.working) !== undefined;
  if (isGivenUp) endWhatRuns(state, task);
  else if (task !== undefined) await cancelUnlessClosed(state, id);
  const found = await recordOf(state, id);
  const record = { ...found, removed: true, forced: found.forced || isGivenUp };
  await ports.store.write([{ kind: "put", table: "task", key: id, value: record }]);
  replica.hide(record);
  await ports.files.remove(id);
  return record;
}

/** Also what an earlier identity of this node started. */
function endWhatRuns({ context: { ports } }: State, { id, working }: LiveTask): void {
  const { value } = working.record.decided;
  if (value.phase === "CLAIMED") ports.runner.stop(id, value.n, givenUpGraceMs);
}

async function setPaused(state: State, id: TaskId, paused: boolean): Promise<TaskRecord> {
  const action = paused ? "paused" : "resumed";
  const task = await liveTask(state, id, action);
  const { value } = task.working.record.decided;
  if (value.phase !== "OPEN" || value.paused === paused) {
    throw illegal(task.working.record, action);
  }
  const op = hexOf(state.context.ports.random.bytes(8));
  const { rev, specHash } = value;
  await decide(state, task, { kind: "edit", op, rev, specHash, paused }, action);
  state.picker.reconsider(id);
  return task.shown ?? task.working.record;
}

function expire(state: State, task: LiveTask): void {
  const { clock, log } = state.context.ports;
  decide(state, task, { kind: "expire", at: clock.now() }, "expired").catch((error: unknown) =>
    log.warn("a task could not be expired", { task: task.id, error }),
  );
}

/** Decides and stores; the task waits no longer, whatever it was waiting for. */
async function decide(
  { context, picker }: State,
  task: LiveTask,
  command: Command,
  action: string,
): Promise<void> {
  const change = context.registers.change(task.working, command, gateOf(task, command));
  switch (change.kind) {
    case "applied":
      picker.withdraw(task.id);
      return context.replica.commit(task, change.version);
    case "held":
      throw new BlanketError(
        "TRANSITION_ILLEGAL",
        `${task.id} is held and nothing can be decided about it: ${change.reason}; \`blanket rm --force ${task.id.slice(0, 8)}\` drops it all the same.`,
        { id: task.id },
      );
    case "rejected":
    case "early":
      throw illegal(task.working.record, action);
  }
}

/** Times are gated where a vote is asked for, never where it is counted (PROTOCOL F34). */
function gateOf(task: LiveTask, command: Command): number | undefined {
  return command.kind === "expire" ? task.working.record.decided.spec.expires : undefined;
}

function closed(state: State, id: TaskId, signal?: AbortSignal): Promise<TaskRecord> {
  const { replica } = state.context;
  return new Promise((resolve, reject) => {
    const end = (outcome: Promise<TaskRecord>): void => {
      stopWatching();
      signal?.removeEventListener("abort", giveUp);
      outcome.then(resolve, reject);
    };
    const giveUp = (): void => end(recordOf(state, id));
    const stopWatching = replica.watch(id, (record) => {
      const isOver = record.decided.value.phase === "CLOSED" || record.forced;
      if (isOver) end(Promise.resolve(record));
    });
    if (replica.live(id) === undefined || signal?.aborted === true) giveUp();
    else signal?.addEventListener("abort", giveUp);
  });
}

async function recordOf({ context }: State, id: TaskId): Promise<TaskRecord> {
  const record = await context.replica.fetch(id);
  if (record !== undefined) return record;
  throw new BlanketError("TASK_UNKNOWN", `the task ${id} is not here any more.`, { id });
}

/** The live task once its last write is on disk. @throws TRANSITION_ILLEGAL where it is closed */
async function liveTask(state: State, id: TaskId, action: string): Promise<LiveTask> {
  await state.context.replica.live(id)?.committed;
  const task = state.context.replica.live(id);
  if (task === undefined) throw illegal(await recordOf(state, id), action);
  return task;
}

async function cancelUnlessClosed(state: State, id: TaskId): Promise<void> {
  try {
    await cancel(state, id);
  } catch (error) {
    const hasEnded = state.context.replica.live(id) === undefined;
    if (!(error instanceof BlanketError && error.code === "TRANSITION_ILLEGAL" && hasEnded)) {
      throw error;
    }
  }
}

function illegal(record: TaskRecord, action: string): BlanketError {
  const state = ownState(record);
  return new BlanketError(
    "TRANSITION_ILLEGAL",
    `${record.id} is ${state} and can't be ${action}; \`blanket show ${record.id.slice(0, 8)}\` tells more.`,
    { id: record.id, state },
  );
}
