import type { JournalStarting } from "../core/journal.ts";
import type { TypeFault } from "../core/placement/why.ts";
import { claimableAt } from "../core/task/shown-state.ts";
import type { TaskSpec } from "../core/task/spec.ts";
import type { StoreOperation } from "../ports/store.ts";
import type { TypeEntry } from "../ports/types.ts";
import { sentenceOf, startsFrom, type EngineContext } from "./context.ts";
import type { LiveTask, Version } from "./replica.ts";
import { planRun, type RunPlan } from "./run-plan.ts";
import type { Worker } from "./workers.ts";

/** A claim that was decided and is on its way to disk, with all that its start needs. */
export interface Claim {
  readonly task: LiveTask;
  readonly attempt: number;
  readonly worker: Worker;
  readonly version: Version;
  readonly journal: JournalStarting;
  /** Go to disk in one batch with the version. */
  readonly operations: readonly StoreOperation[];
  readonly plan: RunPlan;
  /** Why the task's directory could not be made; undefined once it is ready. */
  readonly directory: Promise<string | undefined>;
}

/** What stands between a task and its claim; `later`: it is worth another look in a moment. */
export type ClaimResult = Claim | "later" | "never";

/** Claims a task for a free worker of this node, and plans its start by the type as it is now. */
export function claimFor(context: EngineContext, task: LiveTask, worker: Worker): ClaimResult {
  const { ports, options, registers, session } = context;
  const { record } = task.working;
  const { value, spec } = record.decided;
  const entry = ports.types.lookup(spec.type);
  const served = startsFrom(session);
  if (served === undefined || entry?.type === undefined) return "later";
  const change = registers.change(
    task.working,
    { kind: "claim", by: options.nodeId, rev: value.rev },
    claimableAt(record),
  );
  if (change.kind === "early") return "later";
  if (change.kind !== "applied") return "never";
  const attempt = change.value.n;
  const { type } = entry;
  const plan = planRun(context, served, { record, attempt, entry, type });
  const journal = startingEntry(context, worker, entry, plan);
  const key = `${task.id}/${attempt}`;
  return {
    task,
    attempt,
    worker,
    version: change.version,
    journal,
    operations: [{ kind: "put", table: "journal", key, value: journal }],
    plan,
    directory: makeDirectory(context, plan),
  };
}

/** Begun while the claim is on its way to disk: an empty directory promises nothing. */
async function makeDirectory({ ports }: EngineContext, plan: RunPlan): Promise<string | undefined> {
  if (plan.kind === "impossible") return plan.reason;
  try {
    await ports.files.prepare(plan.directory);
    return undefined;
  } catch (error) {
    return sentenceOf(error);
  }
}

/** Whether the time in which it may be claimed is over. */
export function hasExpired({ expires }: TaskSpec, now: number): boolean {
  return expires !== undefined && expires <= now;
}

/** Whether and why tasks of this type can't be run here now. */
export function typeFault(entry: TypeEntry | undefined): TypeFault {
  if (entry === undefined) return "missing";
  return entry.type === undefined ? "invalid" : undefined;
}

function startingEntry(
  { ports }: EngineContext,
  worker: Worker,
  entry: TypeEntry,
  plan: RunPlan,
): JournalStarting {
  const isReady = plan.kind === "ready";
  return {
    kind: "starting",
    kernelBootId: ports.runner.kernelBootId(),
    startedAt: ports.clock.now(),
    worker: worker.id,
    typeDigest: entry.digest,
    timeoutMs: isReady ? plan.request.timeoutMs : 0,
    killGraceMs: isReady ? plan.request.killGraceMs : 0,
    typeEnvironment: isReady ? plan.typeEnvironment : {},
  };
}
