import { BlanketError } from "../core/errors.ts";
import { taskIdOf, type TaskId } from "../core/ids.ts";
import { limits } from "../core/limits.ts";
import { isUnrunnable, whyWaiting } from "../core/placement/why.ts";
import type { TaskRecord } from "../core/task/record.ts";
import type { TaskSpec } from "../core/task/spec.ts";
import type { Submission } from "../core/task/submission.ts";
import { hasExpired, typeFault, type Claim } from "./claim.ts";
import type { EngineContext } from "./context.ts";
import type { Picker } from "./pick.ts";
import type { NewTask } from "./registers.ts";
import type { LiveTask } from "./replica.ts";
import { specOf } from "./submission-spec.ts";

/** A task that is on disk, new or found under its key. */
export interface Accepted {
  readonly record: TaskRecord;
  readonly created: boolean;
  readonly warnings: readonly string[];
}

/** Takes submissions in. */
export interface Submitter {
  submit(submission: Submission, submittedBy: string): Promise<Accepted>;
  /** A new task like an ended one. */
  retry(of: TaskRecord, submittedBy: string): Promise<Accepted>;
}

interface State {
  readonly context: EngineContext;
  readonly picker: Picker;
  /** Starts what a durable claim has claimed. */
  launch(claim: Claim): void;
  /** Tasks made since the node started: with the boot it numbers them for ever. */
  seq: number;
}

export function createSubmitter(
  context: EngineContext,
  picker: Picker,
  launch: (claim: Claim) => void,
): Submitter {
  const state: State = { context, picker, launch, seq: 0 };
  return {
    submit: async (submission, submittedBy) => submit(state, submission, submittedBy),
    retry: async (of, submittedBy) => retry(state, of, submittedBy),
  };
}

async function submit(
  state: State,
  submission: Submission,
  submittedBy: string,
): Promise<Accepted> {
  const { ports, options, session } = state.context;
  refuseWhenFull(state);
  const spec = specOf(ports, submission, submittedBy);
  if (spec.key !== undefined) {
    const source = { kind: "key", namespace: "", key: spec.key } as const;
    return submitKeyed(state, taskIdOf(ports.hash, source), spec);
  }
  const seq = nextSeq(state);
  const { boot } = session;
  const id = taskIdOf(ports.hash, { kind: "origin", origin: options.nodeId, boot, seq });
  return create(state, { id, spec, seq });
}

/** The first of several submissions makes the task, the others wait until it is on disk. */
async function submitKeyed(state: State, id: TaskId, spec: TaskSpec): Promise<Accepted> {
  const there = await findCommitted(state, id);
  if (there === undefined) {
    // Made since the store was asked, and maybe over by now: look again.
    if (isKnown(state, id)) return submitKeyed(state, id, spec);
    return create(state, { id, spec, seq: nextSeq(state) });
  }
  if (there.decided.spec.givenHash !== spec.givenHash) {
    throw new BlanketError(
      "KEY_REUSED",
      `the key ${spec.key ?? ""} belongs to task ${id}, which asks for something else; use another key.`,
      { id, key: spec.key },
    );
  }
  return { record: there, created: false, warnings: [] };
}

async function retry(state: State, of: TaskRecord, submittedBy: string): Promise<Accepted> {
  refuseWhenFull(state);
  const {
    key: _key,
    givenHash: _givenHash,
    notBefore: _notBefore,
    expires: _expires,
    ...rest
  } = of.decided.spec;
  for (let count = 1; ; count += 1) {
    const id = taskIdOf(state.context.ports.hash, { kind: "retry", of: of.id, count });
    if (isKnown(state, id)) continue;
    const spec = { ...rest, submittedBy };
    return create(state, { id, spec, seq: nextSeq(state), retryOf: of.id });
  }
}

/** Writes a new task, claimed in the same batch where a worker is free for it. */
async function create(
  state: State,
  task: Omit<NewTask, "createdAt" | "isFast">,
): Promise<Accepted> {
  const { ports, registers, replica, workers } = state.context;
  const { spec } = task;
  const isFast = spec.key === undefined && spec.notBefore === undefined;
  const createdAt = ports.clock.now();
  const version = registers.create({ ...task, createdAt, isFast });
  const live = replica.begin(version);
  const isClaimable = isFast && !hasExpired(spec, createdAt);
  const worker = isClaimable ? state.picker.freeWorkerFor(spec) : undefined;
  const claim = worker === undefined ? undefined : state.picker.claim(live, worker);
  if (claim !== undefined) workers.occupy(claim.worker, live.id);
  await commitNew(state, live, claim);
  if (claim === undefined) state.picker.reconsider(task.id);
  else state.launch(claim);
  ports.metrics.count("tasks_submitted_total");
  const record = live.shown ?? version.record;
  return { record, created: true, warnings: warningsFor(state.context, spec) };
}

async function commitNew(
  { context: { replica } }: State,
  live: LiveTask,
  claim: Claim | undefined,
): Promise<void> {
  try {
    await replica.commit(live, claim?.version ?? live.working, claim?.operations);
  } catch (error) {
    if (replica.live(live.id) === live) replica.forget(live.id);
    throw error;
  }
}

/** The task of that id once its last write is on disk; undefined where there is none yet. */
async function findCommitted({ context }: State, id: TaskId): Promise<TaskRecord | undefined> {
  await context.replica.live(id)?.committed;
  return context.replica.fetch(id);
}

/** Whether memory knows a task of that id: one that is being made, is on disk, or was removed. */
function isKnown({ context: { replica } }: State, id: TaskId): boolean {
  const { rows, removed, damaged } = replica;
  const isOnDisk = rows.get(id) !== undefined || removed.has(id) || damaged.has(id);
  return isOnDisk || replica.live(id) !== undefined;
}

function nextSeq(state: State): number {
  state.seq += 1;
  return state.seq;
}

function warningsFor({ ports, workers }: EngineContext, spec: TaskSpec): readonly string[] {
  const fault = typeFault(ports.types.lookup(spec.type));
  const groups = workers.summary();
  return isUnrunnable(spec, fault, groups) ? [whyWaiting(spec, fault, groups)] : [];
}

function refuseWhenFull({ context: { replica, options } }: State): void {
  const { openTasksMax } = limits;
  if (replica.liveCount() < openTasksMax) return;
  throw new BlanketError(
    "QUEUE_FULL",
    `${options.name} holds ${openTasksMax} tasks that have not ended, the most it takes; wait for some to end, or remove some.`,
    { openTasksMax },
  );
}
