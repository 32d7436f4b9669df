import { BlanketError } from "../core/errors.ts";
import { hexOf, type TaskId } from "../core/ids.ts";
import type { Command } from "../core/register/commands.ts";
import type { TaskRecord } from "../core/task/record.ts";
import { shownState } from "../core/task/shown-state.ts";
import type { EnginePorts } from "./deps.ts";
import type { Picker } from "./pick.ts";
import type { Registers } from "./registers.ts";
import type { LiveTask, Replica } from "./replica.ts";
import type { Runs } from "./runs.ts";

/** What users do to a task that is there already. Each resolves once it is decided and stored. */
export interface Intervention {
  /** For a running task: after its processes are gone. @throws TRANSITION_ILLEGAL */
  cancel(id: TaskId): Promise<TaskRecord>;
  remove(id: TaskId): Promise<TaskRecord>;
  /** @throws TRANSITION_ILLEGAL */
  setPaused(id: TaskId, paused: boolean): Promise<TaskRecord>;
  expire(task: LiveTask): void;
  /** Resolves with the record once the task is closed, or as it is when `signal` aborts. */
  closed(id: TaskId, signal?: AbortSignal): Promise<TaskRecord>;
}

export interface InterventionDeps {
  readonly ports: EnginePorts;
  readonly replica: Replica;
  readonly registers: Registers;
  readonly runs: Runs;
  readonly picker: Picker;
}

export function createIntervention(deps: InterventionDeps): Intervention {
  const { ports, replica, registers, runs, picker } = deps;
  const { clock, files, log } = ports;

  async function recordOf(id: TaskId): Promise<TaskRecord> {
    const record = await replica.fetch(id);
    if (record === undefined) {
      throw new BlanketError("TASK_UNKNOWN", `the task ${id} is not here any more.`, { id });
    }
    return record;
  }

  /** The live task once its last write is on disk. @throws TRANSITION_ILLEGAL where it is closed */
  async function liveTask(id: TaskId, action: string): Promise<LiveTask> {
    await replica.live(id)?.committed;
    const task = replica.live(id);
    if (task === undefined) throw illegal(await recordOf(id), action);
    return task;
  }

  async function decide(task: LiveTask, command: Command, action: string): Promise<void> {
    const change = registers.change(task.working, command, gateOf(task, command));
    switch (change.kind) {
      case "applied":
        await replica.commit(task, change.version);
        return;
      case "held":
        throw new BlanketError(
          "TRANSITION_ILLEGAL",
          `${task.id} is held and nothing can be decided about it: ${change.reason}.`,
          { id: task.id },
        );
      case "rejected":
      case "early":
        throw illegal(task.working.record, action);
    }
  }

  function closed(id: TaskId, signal?: AbortSignal): Promise<TaskRecord> {
    return new Promise((resolve, reject) => {
      const end = (outcome: Promise<TaskRecord>): void => {
        stopWatching();
        outcome.then(resolve, reject);
      };
      const seen = (record: TaskRecord): void => {
        if (record.decided.value.phase === "CLOSED") end(Promise.resolve(record));
      };
      const stopWatching = replica.watch(id, seen);
      signal?.addEventListener("abort", () => end(recordOf(id)), { once: true });
      if (replica.live(id) === undefined || signal?.aborted === true) end(recordOf(id));
    });
  }

  async function cancel(id: TaskId): Promise<TaskRecord> {
    const task = await liveTask(id, "cancelled");
    const { value } = task.working.record.decided;
    if (value.phase === "CLAIMED" && value.stop) return closed(id);
    await decide(task, { kind: "cancel", at: clock.now() }, "cancelled");
    picker.withdraw(id);
    const after = task.working.record.decided.value;
    if (after.phase === "CLAIMED") runs.stop(id, after.n);
    return closed(id);
  }

  return {
    cancel,
    closed,
    async remove(id) {
      if (replica.live(id) !== undefined) await cancelUnlessClosed(cancel, id);
      const record = { ...(await recordOf(id)), removed: true };
      await ports.store.write([{ kind: "put", table: "task", key: id, value: record }]);
      replica.drop(id);
      await files.remove(id);
      return record;
    },
    async setPaused(id, paused) {
      const action = paused ? "paused" : "resumed";
      const task = await liveTask(id, action);
      const { value } = task.working.record.decided;
      if (value.phase !== "OPEN" || value.paused === paused) {
        throw illegal(task.working.record, action);
      }
      const op = hexOf(ports.random.bytes(8));
      const { rev, specHash } = value;
      picker.withdraw(id);
      await decide(task, { kind: "edit", op, rev, specHash, paused }, action);
      picker.reconsider(id);
      return task.shown ?? task.working.record;
    },
    expire(task) {
      picker.withdraw(task.id);
      decide(task, { kind: "expire", at: clock.now() }, "expired").catch((error: unknown) =>
        log.warn("a task could not be expired", { task: task.id, error }),
      );
    },
  };
}

/** Times are gated where a vote is asked for, never where it is counted (PROTOCOL F34). */
function gateOf(task: LiveTask, command: Command): number | undefined {
  return command.kind === "expire" ? task.working.record.decided.spec.expires : undefined;
}

async function cancelUnlessClosed(
  cancel: (id: TaskId) => Promise<TaskRecord>,
  id: TaskId,
): Promise<void> {
  try {
    await cancel(id);
  } catch (error) {
    if (!(error instanceof BlanketError) || error.code !== "TRANSITION_ILLEGAL") throw error;
  }
}

function illegal(record: TaskRecord, action: string): BlanketError {
  const around = { now: 0, votersAnswer: true, ownerAnswers: true };
  const state = shownState(record, around);
  return new BlanketError(
    "TRANSITION_ILLEGAL",
    `${record.id} is ${state} and can't be ${action}; \`blanket show ${record.id.slice(0, 8)}\` tells more.`,
    { id: record.id, state },
  );
}
