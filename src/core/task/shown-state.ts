import type { Value } from "../register/value.ts";
import type { TaskRecord } from "./record.ts";

/** States as users see them, in the order of a task's life (CONTRACT section 2). */
export const taskStates = [
  "SCHEDULED",
  "BLOCKED",
  "WAITING",
  "PAUSED",
  "HELD",
  "CLAIMED",
  "RUNNING",
  "SUCCESS",
  "ERROR",
  "TIMEDOUT",
  "STOPPED",
  "EXPIRED",
  "SKIPPED",
  "LOST",
] as const;
/** A member of {@link taskStates}. */
export type TaskState = (typeof taskStates)[number];

const finalStates: ReadonlySet<TaskState> = new Set([
  "SUCCESS",
  "ERROR",
  "TIMEDOUT",
  "STOPPED",
  "EXPIRED",
  "SKIPPED",
  "LOST",
]);

/** Whether nothing more happens to a task in this state. */
export function isFinal(state: TaskState): boolean {
  return finalStates.has(state);
}

/** What is known around a register's value, on the node that is asked. */
export interface Surroundings {
  /** Unix milliseconds. */
  readonly now: number;
  /** A majority of the voters has answered within the last 5 s. */
  readonly votersAnswer: boolean;
  /** The owner is alive and can store the end of its attempt. */
  readonly ownerAnswers: boolean;
}

/**
 * The state by the record alone, as where everybody answers and every time has come: exact for
 * closed tasks, and what sentences about a refused change name.
 */
export function ownState(record: TaskRecord): TaskState {
  return shownState(record, { now: Infinity, votersAnswer: true, ownerAnswers: true });
}

/** The state to show: computed from the decided value, never stored (PROTOCOL section 2). */
export function shownState(record: TaskRecord, around: Surroundings): TaskState {
  // Given up by an operator, whatever its register holds.
  if (record.forced) return "LOST";
  return valueState(record.decided.value, record, around);
}

function valueState(value: Value, record: TaskRecord, around: Surroundings): TaskState {
  switch (value.phase) {
    case "OPEN":
      if (value.paused) return "PAUSED";
      if (!around.votersAnswer) return "HELD";
      return claimableAt(record) > around.now ? "SCHEDULED" : "WAITING";
    case "CLAIMED":
      if (!around.ownerAnswers) return "HELD";
      return record.started[value.n] === undefined ? "CLAIMED" : "RUNNING";
    case "CLOSED":
      return closedState(value, record);
    case "MOVED":
      return valueState(value.carry, record, around);
  }
}

function closedState(value: Extract<Value, { phase: "CLOSED" }>, record: TaskRecord): TaskState {
  switch (value.why) {
    case "done":
      return outcomeState(value.outcome?.kind ?? "lost");
    case "cancelled":
      return "STOPPED";
    case "expired":
      return "EXPIRED";
    case "lost":
    case "skipped": {
      const late = record.late[value.n];
      if (late !== undefined) return outcomeState(late.kind);
      return value.why === "lost" ? "LOST" : "SKIPPED";
    }
  }
}

const outcomeStates = {
  success: "SUCCESS",
  error: "ERROR",
  timedout: "TIMEDOUT",
  stopped: "STOPPED",
  lost: "LOST",
} as const;

function outcomeState(kind: keyof typeof outcomeStates): TaskState {
  return outcomeStates[kind];
}

/** Unix milliseconds from which an open task may be claimed; 0 is at once. */
export function claimableAt(record: TaskRecord): number {
  const { value, spec } = record.decided;
  const retryAt = value.phase === "OPEN" ? (value.notBefore ?? 0) : 0;
  return Math.max(spec.notBefore ?? 0, retryAt);
}
