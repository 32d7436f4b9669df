import { BlanketError } from "../core/errors.ts";
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
  readonly directory: Promise<DirectoryResult>;
}

/** What became of the task's directory; `abandoned`: nobody wants it any more. */
export type DirectoryResult =
  | { readonly kind: "ready" | "abandoned" }
  | { readonly kind: "failed"; readonly reason: string };

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
    directory: makeDirectory(context, task, plan),
  };
}

/** A disk that is full, or a process that has no file left to open, is looked at again so soon. */
const directoryAgainMs = 1_000;
const mayPass: ReadonlySet<unknown> = new Set(["ENOSPC", "EDQUOT", "EMFILE", "ENFILE", "EROFS"]);

/**
 * Begun while the claim is on its way to disk: an empty directory promises nothing. Where the disk
 * has no room the task keeps its worker and waits, as what waits behind it would have to.
 */
async function makeDirectory(
  context: EngineContext,
  task: LiveTask,
  plan: RunPlan,
): Promise<DirectoryResult> {
  if (plan.kind === "impossible") return { kind: "failed", reason: plan.reason };
  const { files, clock, log } = context.ports;
  for (;;) {
    try {
      await files.prepare(plan.directory);
      return { kind: "ready" };
    } catch (error) {
      const reason = sentenceOf(error);
      if (!isShortage(error)) return { kind: "failed", reason };
      log.warn("a task waits for its directory", { task: task.id, reason });
      await new Promise<void>((resolve) => clock.after(directoryAgainMs, resolve));
      if (!isWanted(context, task)) return { kind: "abandoned" };
    }
  }
}

function isShortage(error: unknown): boolean {
  return (
    error instanceof BlanketError &&
    error.code === "STORE_UNAVAILABLE" &&
    mayPass.has(error.details["errno"])
  );
}

/** Whether the claim still stands, and its task is to be started. */
function isWanted({ session, replica }: EngineContext, task: LiveTask): boolean {
  const { value } = task.working.record.decided;
  const isClaimed = value.phase === "CLAIMED" && !value.stop;
  return session.phase === "ready" && replica.live(task.id) === task && isClaimed;
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
