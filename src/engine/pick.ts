import type { TaskId } from "../core/ids.ts";
import { hasTags, type Needs } from "../core/placement/eligible.ts";
import {
  createWaitingLines,
  type WaitingLines,
  type WaitingTask,
} from "../core/placement/waiting-line.ts";
import type { TaskRecord } from "../core/task/record.ts";
import { claimableAt } from "../core/task/shown-state.ts";
import { createAgenda, type Agenda } from "./agenda.ts";
import { claimFor, hasExpired, typeFault, type Claim } from "./claim.ts";
import { startsFrom, type EngineContext } from "./context.ts";
import { whyHeld } from "./registers.ts";
import type { LiveTask } from "./replica.ts";
import type { SlotGroup, Worker } from "./workers.ts";

/** Brings claimable tasks and free workers together. */
export interface Picker {
  /** Looks at a task anew: it may wait, wait for its time, have expired, or be none of these. */
  reconsider(id: TaskId): void;
  /** The task left OPEN: it waits no longer. */
  withdraw(id: TaskId): void;
  /** Gives every free worker the task that is first for it. */
  pick(): void;
  /** A free worker that has what a new task needs: then no older task waits for it. */
  freeWorkerFor(needs: Needs): Worker | undefined;
  /** Claims for that worker; undefined where the register or the clock is against it. */
  claim(task: LiveTask, worker: Worker): Claim | undefined;
  waiting(): number;
  clear(): void;
}

/** What follows from a pick. */
export interface PickerOutlets {
  /** Writes the claim and starts what it claimed. */
  begin(claim: Claim): void;
  /** Closes a task that was not claimed in its time. */
  expire(task: LiveTask): void;
}

/** A task that could not be claimed yet, or whose type is not here, is looked at again so soon. */
const claimAgainMs = 250;
const typeLookMs = 1_000;

interface State {
  readonly context: EngineContext;
  readonly outlets: PickerOutlets;
  readonly lines: WaitingLines;
  readonly waiting: Map<TaskId, WaitingTask>;
  readonly agenda: Agenda;
  cancelLook: (() => void) | undefined;
}

export function createPicker(context: EngineContext, outlets: PickerOutlets): Picker {
  const state: State = {
    context,
    outlets,
    lines: createWaitingLines(),
    waiting: new Map(),
    agenda: createAgenda(context.ports.clock, (id) => reconsider(state, id)),
    cancelLook: undefined,
  };
  return {
    reconsider: (id) => reconsider(state, id),
    withdraw: (id) => withdraw(state, id),
    pick: () => pick(state),
    freeWorkerFor: (needs) => freeWorkerFor(state, needs),
    claim: (task, worker) => claim(state, task, worker),
    waiting: () => state.waiting.size,
    clear() {
      state.lines.clear();
      state.waiting.clear();
      state.agenda.clear();
      state.cancelLook?.();
      state.cancelLook = undefined;
    },
  };
}

function reconsider(state: State, id: TaskId): void {
  const { context, outlets, agenda, waiting, lines } = state;
  const task = context.replica.live(id);
  if (task?.shown === undefined) return;
  const { record } = task.working;
  const { value, spec } = record.decided;
  if (value.phase !== "OPEN" || whyHeld(context.options.nodeId, task.working) !== undefined) return;
  const now = context.ports.clock.now();
  if (hasExpired(spec, now)) return outlets.expire(task);
  if (spec.expires !== undefined) agenda.at(spec.expires, id);
  if (value.paused) return;
  const from = claimableAt(record);
  if (from > now) return agenda.at(from, id);
  if (waiting.has(id)) return;
  const entry = waitingTask(record);
  waiting.set(id, entry);
  lines.add(entry);
  pick(state);
}

function withdraw({ waiting, lines, agenda }: State, id: TaskId): void {
  agenda.forget(id);
  const entry = waiting.get(id);
  if (entry === undefined) return;
  waiting.delete(id);
  lines.remove(entry);
}

function pick(state: State): void {
  if (startsFrom(state.context.session) === undefined) return;
  for (const group of state.context.workers.groups()) {
    for (const worker of group.free) {
      if (!pickFor(state, group, worker)) break;
    }
  }
}

/** Whether there was a task for the worker. Those that can't be claimed now leave their line. */
function pickFor(state: State, group: SlotGroup, worker: Worker): boolean {
  const accepts = (needs: Needs): boolean =>
    hasTags(needs.tags, group.tags) && isHere(state, needs);
  for (let next = state.lines.first(accepts); next; next = state.lines.first(accepts)) {
    withdraw(state, next.id);
    const task = state.context.replica.live(next.id);
    const claimed = task === undefined ? undefined : claimInTime(state, task, worker);
    if (claimed === undefined) continue;
    state.outlets.begin(claimed);
    return true;
  }
  return false;
}

/** Timers may be late, most of all where the clock was set: the time is looked at once more. */
function claimInTime(state: State, task: LiveTask, worker: Worker): Claim | undefined {
  const { spec } = task.working.record.decided;
  if (!hasExpired(spec, state.context.ports.clock.now())) return claim(state, task, worker);
  state.outlets.expire(task);
  return undefined;
}

/** Type files come and go without a word: while a task waits for one, look again. */
function isHere(state: State, { type }: Needs): boolean {
  const { types, clock } = state.context.ports;
  if (typeFault(types.lookup(type)) === undefined) return true;
  state.cancelLook ??= clock.after(typeLookMs, () => {
    state.cancelLook = undefined;
    pick(state);
  });
  return false;
}

function freeWorkerFor(state: State, needs: Needs): Worker | undefined {
  const { session, workers } = state.context;
  if (startsFrom(session) === undefined || !isHere(state, needs)) return undefined;
  for (const group of workers.groups()) {
    if (group.free.size === 0 || !hasTags(needs.tags, group.tags)) continue;
    for (const worker of group.free) return worker;
  }
  return undefined;
}

function claim(state: State, task: LiveTask, worker: Worker): Claim | undefined {
  const result = claimFor(state.context, task, worker);
  if (result === "later") state.agenda.at(state.context.ports.clock.now() + claimAgainMs, task.id);
  return typeof result === "string" ? undefined : result;
}

function waitingTask(record: TaskRecord): WaitingTask {
  const { type, tags, priority } = record.decided.spec;
  return { id: record.id, priority, createdAt: record.createdAt, needs: { type, tags } };
}
