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
  /** The merged environment as the type stands now; what ran is in the record. */
  readonly typeEnvironment: Readonly<Record<string, string>>;
  /** Digest and timeout of the type as it stands now, for tasks not yet started. */
  readonly typeDigest: string;
  readonly typeTimeoutMs: number;
  nodeName(id: NodeId): string;
  mask(environment: Readonly<Record<string, string>>): Readonly<Record<string, string>>;
}

/** The task as users see it. */
export function showTask(record: TaskRecord, context: ShowContext): ShownTask {
  const { value, spec } = record.decided;
  const started = record.started[value.n];
  const outcome = lastOutcome(value, record);
  const finishedAt = value.phase === "CLOSED" ? (outcome?.at ?? record.createdAt) : 0;
  const updatedAt = Math.max(record.createdAt, started?.at ?? 0, finishedAt);
  const environment = started?.typeEnvironment ?? context.typeEnvironment;
  return {
    id: record.id,
    type: spec.type,
    state: context.state,
    reason: context.reason ?? outcome?.reason ?? null,
    progress: context.state === "SUCCESS" ? 100 : (context.progress?.percent ?? 0),
    progressNote: context.progress?.note ?? null,
    tags: spec.tags,
    defaultEnv: context.mask({ ...environment, ...spec.environment }),
    pid: started?.pid ?? 0,
    workerId: started?.worker ?? "",
    node: nodeOf(value, started, context),
    resultDir: context.resultDirectory,
    typeDigest: started?.typeDigest ?? context.typeDigest,
    timeout: (started?.timeoutMs ?? spec.timeoutMs ?? context.typeTimeoutMs) / 1_000,
    priority: spec.priority,
    key: spec.key ?? null,
    onLost: spec.onLost,
    attempt: value.n,
    attempts: attemptsOf(record, outcome, context),
    exitCode: outcome?.exitCode ?? null,
    signal: outcome?.signal ?? null,
    files: spec.files,
    voters: (record.chain.at(-1)?.voters ?? []).map((voter) => context.nodeName(voter)),
    submittedBy: spec.submittedBy,
    retryOf: record.retryOf ?? null,
    createdTs: seconds(record.createdAt),
    createdAt: rfc3339(record.createdAt),
    startedTs: seconds(started?.at ?? 0),
    startedAt: started === undefined ? null : rfc3339(started.at),
    finishedTs: seconds(finishedAt),
    finishedAt: finishedAt === 0 ? null : rfc3339(finishedAt),
    lastUpdatedTs: seconds(updatedAt),
    lastUpdatedAt: rfc3339(updatedAt),
    notBefore: spec.notBefore === undefined ? null : rfc3339(spec.notBefore),
    expires: spec.expires === undefined ? null : rfc3339(spec.expires),
  };
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
      finishedAt: outcome === undefined ? null : rfc3339(outcome.at),
      exitCode: outcome?.exitCode ?? null,
      signal: outcome?.signal ?? null,
      reason: outcome?.reason ?? null,
    };
  });
}
