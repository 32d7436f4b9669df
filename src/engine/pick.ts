import type { TaskId } from "../core/ids.ts";
import type { JournalStarting } from "../core/journal.ts";
import { hasTags, type Needs } from "../core/placement/eligible.ts";
import { createWaitingLines, type WaitingTask } from "../core/placement/waiting-line.ts";
import type { TypeFault } from "../core/placement/why.ts";
import type { TaskRecord } from "../core/task/record.ts";
import { claimableAt } from "../core/task/shown-state.ts";
import type { StoreOperation } from "../ports/store.ts";
import { createAgenda } from "./agenda.ts";
import type { EngineOptions, EnginePorts, ServedAt } from "./deps.ts";
import type { Registers } from "./registers.ts";
import type { LiveTask, Replica, Version } from "./replica.ts";
import { planRun, type RunPlan } from "./run-plan.ts";
import type { Workers, Worker } from "./workers.ts";

/** A claim that was decided and is on its way to disk, with all that its start needs. */
export interface Claim {
  readonly task: LiveTask;
  readonly attempt: number;
  readonly worker: Worker;
  readonly version: Version;
  readonly journal: JournalStarting;
  readonly operations: readonly StoreOperation[];
  readonly plan: RunPlan;
}

/** Brings claimable tasks and free workers together. */
export interface Picker {
  /** Looks at a task anew: it may wait, wait for its time, have expired, or be none of these. */
  reconsider(id: TaskId): void;
  /** The task left OPEN: it waits no longer. */
  withdraw(id: TaskId): void;
  /** Gives every free worker the task that is first for it. */
  pick(): void;
  /** A free worker for a task that is about to be created, and no older one that it would serve. */
  freeWorkerFor(needs: Needs): Worker | undefined;
  /** Claims for that worker; undefined where the register or the clock is against it. */
  claim(task: LiveTask, worker: Worker): Claim | undefined;
  typeFault(name: string): TypeFault;
  waiting(): number;
  /** From now on tasks are started, with these addresses to call back. */
  open(served: ServedAt): void;
  /** No more picks. */
  close(): void;
  clear(): void;
}

export interface PickerDeps {
  readonly ports: EnginePorts;
  readonly options: EngineOptions;
  readonly replica: Replica;
  readonly registers: Registers;
  readonly workers: Workers;
  tokenKey(): string;
  /** Writes the claim and starts what it claimed. */
  begin(claim: Claim): void;
  /** Closes a task that was not claimed in its time. */
  expire(task: LiveTask): void;
}

/** A task that could not be claimed yet, or whose type is not here, is looked at again so soon. */
const lookAgainMs = 250;
const typeLookMs = 1_000;

export function createPicker(deps: PickerDeps): Picker {
  const { ports, options, replica, registers, workers } = deps;
  const { clock, types } = ports;
  const lines = createWaitingLines();
  const waiting = new Map<TaskId, WaitingTask>();
  const agenda = createAgenda(clock, reconsider);
  let served: ServedAt | undefined;
  let looksAgain: (() => void) | undefined;

  function reconsider(id: TaskId): void {
    const task = replica.live(id);
    const record = task?.shown;
    if (task === undefined || record === undefined || waiting.has(id)) return;
    const { value } = task.working.record.decided;
    if (value.phase !== "OPEN" || value.paused) return;
    const { expires } = record.decided.spec;
    if (expires !== undefined && expires <= clock.now()) return deps.expire(task);
    if (expires !== undefined) agenda.at(expires, id);
    const from = claimableAt(record);
    if (from > clock.now()) return agenda.at(from, id);
    const entry = waitingTask(record);
    waiting.set(id, entry);
    lines.add(entry);
    pick();
  }

  function withdraw(id: TaskId): void {
    const entry = waiting.get(id);
    if (entry === undefined) return;
    waiting.delete(id);
    lines.remove(entry);
  }

  function pick(): void {
    if (served === undefined) return;
    for (const group of workers.groups()) {
      for (const worker of group.free) {
        const next = lines.first((needs) => hasTags(needs.tags, group.tags) && isHere(needs));
        if (next === undefined) break;
        const task = replica.live(next.id);
        withdraw(next.id);
        const claimed = task === undefined ? undefined : claim(task, worker);
        if (claimed !== undefined) deps.begin(claimed);
      }
    }
  }

  function isHere(needs: Needs): boolean {
    if (typeFault(needs.type) === undefined) return true;
    looksAgain ??= clock.after(typeLookMs, () => {
      looksAgain = undefined;
      pick();
    });
    return false;
  }

  function typeFault(name: string): TypeFault {
    const entry = types.lookup(name);
    if (entry === undefined) return "missing";
    return entry.type === undefined ? "invalid" : undefined;
  }

  function claim(task: LiveTask, worker: Worker): Claim | undefined {
    const { record } = task.working;
    const { spec, value } = record.decided;
    const entry = types.lookup(spec.type);
    if (served === undefined || entry?.type === undefined) return again(task.id);
    const change = registers.change(
      task.working,
      { kind: "claim", by: options.nodeId, rev: value.rev },
      claimableAt(record),
    );
    if (change.kind === "early") return again(task.id);
    if (change.kind !== "applied") return undefined;
    const attempt = change.value.n;
    const plan = planRun(ports, options, served, {
      record,
      attempt,
      entry,
      type: entry.type,
      tokenKey: deps.tokenKey(),
    });
    const journal: JournalStarting = {
      kind: "starting",
      kernelBootId: ports.runner.kernelBootId(),
      startedAt: clock.now(),
      worker: worker.id,
      typeDigest: entry.digest,
      timeoutMs: plan.kind === "ready" ? plan.request.timeoutMs : 0,
      killGraceMs: plan.kind === "ready" ? plan.request.killGraceMs : 0,
      typeEnvironment: plan.kind === "ready" ? plan.typeEnvironment : {},
    };
    const key = `${task.id}/${attempt}`;
    return {
      task,
      attempt,
      worker,
      version: change.version,
      journal,
      operations: [{ kind: "put", table: "journal", key, value: journal }],
      plan,
    };
  }

  function again(id: TaskId): undefined {
    agenda.at(clock.now() + lookAgainMs, id);
  }

  return {
    reconsider,
    withdraw,
    pick,
    freeWorkerFor(needs) {
      if (served === undefined || !isHere(needs)) return undefined;
      for (const group of workers.groups()) {
        if (group.free.size === 0 || !hasTags(needs.tags, group.tags)) continue;
        for (const worker of group.free) return worker;
      }
      return undefined;
    },
    claim,
    typeFault,
    waiting: () => waiting.size,
    open(at) {
      served = at;
      pick();
    },
    close() {
      served = undefined;
    },
    clear() {
      lines.clear();
      waiting.clear();
      agenda.clear();
      looksAgain?.();
      looksAgain = undefined;
    },
  };
}

function waitingTask(record: TaskRecord): WaitingTask {
  const { spec } = record.decided;
  return {
    id: record.id,
    priority: spec.priority,
    createdAt: record.createdAt,
    needs: { type: spec.type, tags: spec.tags },
  };
}
