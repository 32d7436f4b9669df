import type { NodeId } from "../ids.ts";
import type { Outcome, Value } from "../register/value.ts";
import { rfc3339 } from "../rfc3339.ts";
import type { Started, TaskRecord } from "./record.ts";
import { isFinal, type TaskState } from "./shown-state.ts";
import type { ShownAttempt, ShownTask } from "./shown-task.ts";

/** Progress as the task last told it; kept in memory only. */
export interface Progress {
  /** 0 to 100. */
  readonly percent: number;
  readonly note: string | null;
}

/** What a task's record does not hold itself. */
export interface ShowContext {
  readonly state: TaskState;
  /** Why it waits or is held; null where there is nothing to say. */
  readonly reason: string | null;
  readonly progress: Progress | undefined;
  readonly resultDirectory: string;
  /** The type as it stands now, for tasks not yet started; what ran is in the record. */
  readonly type: {
    /** What it adds to the task's own environment. */
    readonly environment: Readonly<Record<string, string>>;
    readonly digest: string;
    readonly timeoutMs: number;
  };
  nodeName(id: NodeId): string;
  mask(environment: Readonly<Record<string, string>>): Readonly<Record<string, string>>;
}

/** The task as users see it. */
export function showTask(record: TaskRecord, context: ShowContext): ShownTask {
  const { value, spec } = record.decided;
  const started = record.started[value.n];
  const outcome = lastOutcome(value, record);
  return {
    id: record.id,
    type: spec.type,
    state: context.state,
    reason: context.reason ?? outcome?.reason ?? null,
    ...progressFields(context),
    tags: spec.tags,
    resultDir: context.resultDirectory,
    node: nodeOf(value, started, context),
    ...runFields(record, started, context),
    priority: spec.priority,
    key: spec.key ?? null,
    onLost: spec.onLost,
    attempt: value.n,
    attempts: attemptsOf(record, outcome, context),
    ...endFields(outcome),
    files: spec.files,
    voters: (record.chain.at(-1)?.voters ?? []).map((voter) => context.nodeName(voter)),
    submittedBy: spec.submittedBy,
    retryOf: record.retryOf ?? null,
    ...timeFields(record, started, outcome),
  };
}

function progressFields({ state, progress }: ShowContext) {
  return {
    progress: state === "SUCCESS" ? 100 : (progress?.percent ?? 0),
    progressNote: progress?.note ?? null,
  };
}

/** What the attempt ran with; before it is started, what it would run with now. */
function runFields(record: TaskRecord, started: Started | undefined, context: ShowContext) {
  const { spec } = record.decided;
  const type = started === undefined ? context.type.environment : started.typeEnvironment;
  const timeoutMs = started?.timeoutMs ?? spec.timeoutMs ?? context.type.timeoutMs;
  return {
    defaultEnv: context.mask({ ...type, ...spec.environment }),
    pid: started?.pid ?? 0,
    workerId: started?.worker ?? "",
    typeDigest: started?.typeDigest ?? context.type.digest,
    timeout: timeoutMs / 1_000,
  };
}

function timeFields(
  record: TaskRecord,
  started: Started | undefined,
  outcome: Outcome | undefined,
) {
  const { value, spec } = record.decided;
  const finishedAt = value.phase === "CLOSED" ? (outcome?.at ?? record.createdAt) : undefined;
  const updatedAt = Math.max(record.createdAt, started?.at ?? 0, finishedAt ?? 0);
  return {
    createdTs: seconds(record.createdAt),
    createdAt: rfc3339(record.createdAt),
    startedTs: seconds(started?.at ?? 0),
    startedAt: timeText(started?.at),
    finishedTs: seconds(finishedAt ?? 0),
    finishedAt: timeText(finishedAt),
    lastUpdatedTs: seconds(updatedAt),
    lastUpdatedAt: rfc3339(updatedAt),
    notBefore: timeText(spec.notBefore),
    expires: timeText(spec.expires),
  };
}

function endFields(outcome: Outcome | undefined) {
  return { exitCode: outcome?.exitCode ?? null, signal: outcome?.signal ?? null };
}

function timeText(unixMs: number | undefined): string | null {
  return unixMs === undefined ? null : rfc3339(unixMs);
}

function seconds(unixMs: number): number {
  return Math.floor(unixMs / 1_000);
}

/** How the newest attempt that has ended did end; what came late replaces what was given up. */
function lastOutcome(value: Value, record: TaskRecord): Outcome | undefined {
  if (value.phase !== "CLOSED") return record.ended[value.n];
  return record.late[value.n] ?? value.outcome;
}

function nodeOf(value: Value, started: Started | undefined, context: ShowContext): string | null {
  if (started !== undefined) return context.nodeName(started.node);
  const owner = value.phase === "CLAIMED" || value.phase === "CLOSED" ? value.owner : undefined;
  return owner === undefined ? null : context.nodeName(owner);
}

function attemptsOf(
  record: TaskRecord,
  last: Outcome | undefined,
  context: ShowContext,
): readonly ShownAttempt[] {
  return Object.entries(record.started).map(([number, started]) => {
    const attempt = Number(number);
    const isNewest = attempt === record.decided.value.n;
    const outcome =
      record.ended[attempt] ?? (isNewest && isFinal(context.state) ? last : undefined);
    return {
      attempt,
      node: context.nodeName(started.node),
      workerId: started.worker,
      pid: started.pid,
      startedAt: rfc3339(started.at),
      finishedAt: timeText(outcome?.at),
      ...endFields(outcome),
      reason: outcome?.reason ?? null,
    };
  });
}
