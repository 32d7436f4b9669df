import type { TaskRecord } from "../../../src/core/task/record.ts";
import { isFinal, ownState, type TaskState } from "../../../src/core/task/shown-state.ts";
import type { ShownTask } from "../../../src/core/task/shown-task.ts";
import type { RunRequest } from "../../../src/ports/runner.ts";

/** Something happened that must never happen. */
export class Violation extends Error {}

/** What an oracle has to know of the runner. */
export interface RunnerSeen {
  running(): readonly RunRequest[];
}

/** Remembers what was answered and started, and says when the two do not fit. */
export interface Oracle {
  /** A command was started, after these others. */
  launched(request: RunRequest): void;
  /** A run was seen to end by itself, with that exit code. */
  ended(request: RunRequest, exitCode: number): void;
  /** A task as it was shown or answered. */
  told(task: ShownTask): void;
  /** It was answered that it is paused, or asked that it goes on. */
  paused(id: string, isPaused: boolean): void;
  /** Its removal was asked for: whether it is there depends on what became of that. */
  removing(id: string): void;
  removed(id: string): void;
  isRemoved(id: string): boolean;
  /** Must be shown: it was answered, and nobody ever wanted it removed. */
  isKept(id: string): boolean;
  /** The record of a task as it is on disk, beside what was shown before it was read. */
  compared(shown: ShownTask, stored: TaskRecord | undefined): void;
  /** Ids that were answered and not removed. */
  known(): readonly string[];
}

/** The attempts that each type may have: types of `type-files.ts`, told by the variable KIND. */
const attemptsMax: Readonly<Record<string, number>> = {
  plain: 1,
  gpu: 1,
  forget: 1,
  stubborn: 3,
  again: Number.POSITIVE_INFINITY,
};

export function createOracle(runner: RunnerSeen): Oracle {
  const starts = new Map<string, RunRequest[]>();
  const failures = new Set<string>();
  const states = new Map<string, TaskState>();
  const neverStarts = new Map<string, string>();
  const pausedIds = new Set<string>();
  const removingIds = new Set<string>();
  const removedIds = new Set<string>();

  function checkEarlier(request: RunRequest, earlier: readonly RunRequest[]): void {
    const { id, attempt, environment } = request;
    const kind = environment["KIND"] ?? "";
    if (earlier.some((other) => other.attempt === attempt)) {
      throw new Violation(`${id}/${attempt} was started twice`);
    }
    if (earlier.length >= (attemptsMax[kind] ?? 0)) {
      throw new Violation(`${id} (${kind}) was started ${earlier.length + 1} times`);
    }
    if (runner.running().some((run) => run.id === id && run.attempt !== attempt)) {
      throw new Violation(`${id}/${attempt} was started beside another attempt`);
    }
    const unclear = earlier.find((other) => !failures.has(`${id}/${other.attempt}`));
    if (kind !== "again" && unclear !== undefined) {
      throw new Violation(
        `${id}/${attempt} was started after ${unclear.attempt}, which had no end`,
      );
    }
  }

  return {
    launched(request) {
      const { id } = request;
      const why = neverStarts.get(id);
      if (why !== undefined) throw new Violation(`${id} was started, and it was ${why}`);
      if (pausedIds.has(id)) throw new Violation(`${id} was started while it was paused`);
      const earlier = starts.get(id) ?? [];
      checkEarlier(request, earlier);
      starts.set(id, [...earlier, request]);
    },
    ended({ id, attempt }, exitCode) {
      if (exitCode !== 0) failures.add(`${id}/${attempt}`);
    },
    told(task) {
      const before = states.get(task.id);
      if (before !== undefined && isFinal(before) && before !== task.state) {
        throw new Violation(`${task.id} was ${before} and is ${task.state}`);
      }
      states.set(task.id, task.state);
      if (isFinal(task.state)) neverStarts.set(task.id, task.state);
    },
    paused(id, isPaused) {
      if (isPaused) pausedIds.add(id);
      else pausedIds.delete(id);
    },
    removing: (id) => void removingIds.add(id),
    removed(id) {
      removedIds.add(id);
      neverStarts.set(id, "removed");
    },
    isRemoved: (id) => removedIds.has(id),
    isKept: (id) => states.has(id) && !removingIds.has(id),
    compared(shown, stored) {
      const { id, state } = shown;
      if (stored === undefined) throw new Violation(`${id} is shown and not on disk`);
      const isClosed = stored.decided.value.phase === "CLOSED";
      if (isFinal(state) && !(isClosed && ownState(stored) === state)) {
        throw new Violation(`${id} is shown as ${state}, on disk it is ${ownState(stored)}`);
      }
    },
    known: () => [...states.keys()].filter((id) => !removedIds.has(id)),
  };
}
