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

/** Remembers what was asked, answered, started and ended, and says when these do not fit. */
export interface Oracle {
  /** A command was started. */
  launched(request: RunRequest): void;
  /** A command ended by itself. */
  ended(request: RunRequest, exitCode: number): void;
  /** A task as it was shown or answered. */
  told(task: ShownTask): void;
  /** It was asked that it be stopped. */
  stopping(id: string): void;
  /** Its removal was asked for: whether it is there depends on what became of that. */
  removing(id: string): void;
  removed(id: string): void;
  /** It was answered that it is paused, or asked that it goes on. */
  paused(id: string, isPaused: boolean): void;
  /** All that runs is gone, and what the keeper had not told is not known any more. */
  powerCut(at: number): void;
  /** The record of a task as it is on disk, beside what was shown before it was read. */
  compared(shown: ShownTask, stored: TaskRecord | undefined): void;
  isRemoved(id: string): boolean;
  /** Must be shown: it was answered, and nobody ever wanted it removed. */
  isKept(id: string): boolean;
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

/** A command that was started, and how it ended where that was seen. */
interface Start {
  readonly request: RunRequest;
  exitCode: number | undefined;
  isCut: boolean;
}

export function createOracle(runner: RunnerSeen): Oracle {
  const starts = new Map<string, Start[]>();
  const states = new Map<string, TaskState>();
  const stopping = new Set<string>();
  const removing = new Set<string>();
  const removed = new Set<string>();
  const pausedIds = new Set<string>();
  let cutAt = 0;
  const startsOf = (id: string): readonly Start[] => starts.get(id) ?? [];

  function checkStart({ id, attempt, environment }: RunRequest): void {
    const kind = environment["KIND"] ?? "";
    const name = `${id}/${attempt} (${kind})`;
    const state = states.get(id);
    if (state !== undefined && isFinal(state)) throw new Violation(`${name}: it was ${state}`);
    if (removed.has(id)) throw new Violation(`${name}: it was removed`);
    if (pausedIds.has(id)) throw new Violation(`${name}: it was paused`);
    const earlier = startsOf(id);
    if (earlier.some(({ request }) => request.attempt === attempt)) {
      throw new Violation(`${name} was started twice`);
    }
    if (earlier.length >= (attemptsMax[kind] ?? 0)) throw new Violation(`${name} is one too many`);
    if (runner.running().some((run) => run.id === id && run.attempt !== attempt)) {
      throw new Violation(`${name} was started beside another attempt`);
    }
    const isRetry = earlier.every(({ exitCode = 0 }) => exitCode !== 0);
    if (kind !== "again" && !isRetry) throw new Violation(`${name}: no attempt before it failed`);
  }

  /** Whether a final state is what truly happened. */
  function isTrue({ id, state, createdAt }: ShownTask): boolean {
    const last = startsOf(id).at(-1);
    if (state === "SUCCESS") return last?.exitCode === 0;
    if (state === "ERROR") return last?.exitCode === 1;
    if (state === "STOPPED") return stopping.has(id);
    // After a power cut nobody knows whether a claimed task had been started.
    if (state === "LOST" || state === "SKIPPED") {
      return last === undefined ? Date.parse(createdAt) <= cutAt : last.isCut;
    }
    return state !== "TIMEDOUT";
  }

  return {
    launched(request) {
      checkStart(request);
      const start = { request, exitCode: undefined, isCut: false };
      starts.set(request.id, [...startsOf(request.id), start]);
    },
    ended({ id, attempt }, exitCode) {
      const start = startsOf(id).find(({ request }) => request.attempt === attempt);
      if (start !== undefined) start.exitCode = exitCode;
    },
    told(task) {
      const before = states.get(task.id);
      if (before !== undefined && isFinal(before) && before !== task.state) {
        throw new Violation(`${task.id} was ${before} and is ${task.state}`);
      }
      if (!isTrue(task)) throw new Violation(`${task.id} is said to be ${task.state}`);
      states.set(task.id, task.state);
    },
    stopping: (id) => void stopping.add(id),
    removing: (id) => void removing.add(id),
    removed: (id) => void removed.add(id),
    paused(id, isPaused) {
      if (isPaused) pausedIds.add(id);
      else pausedIds.delete(id);
    },
    powerCut(at) {
      cutAt = at;
      for (const start of [...starts.values()].flat()) start.isCut = true;
    },
    compared({ id, state }, stored) {
      if (stored === undefined) throw new Violation(`${id} is shown and not on disk`);
      const isClosed = stored.decided.value.phase === "CLOSED";
      if (isFinal(state) && !(isClosed && ownState(stored) === state)) {
        throw new Violation(`${id} is shown as ${state}, on disk it is ${ownState(stored)}`);
      }
    },
    isRemoved: (id) => removed.has(id),
    isKept: (id) => states.has(id) && !removing.has(id),
    known: () => [...states.keys()].filter((id) => !removed.has(id)),
  };
}
