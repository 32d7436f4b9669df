import type { JournalEntry, JournalStarting, RunFacts } from "../core/journal.ts";
import { decideRecovery, type Recovery, type RunSeen } from "../core/recovery.ts";
import type { EngineContext } from "./context.ts";
import type { LiveTask } from "./replica.ts";
import type { Runs } from "./runs.ts";
import type { Settler } from "./settle.ts";

/** What an attempt from before is handed to. */
export interface AttemptDeps {
  readonly context: EngineContext;
  readonly runs: Runs;
  readonly settler: Settler;
}

/**
 * Stands for an entry that can't be read: the attempt may have been started, by whatever kernel. To
 * take it for one that was not would start an unsafe task twice.
 */
export const unreadableEntry: JournalStarting = {
  kind: "starting",
  kernelBootId: "",
  startedAt: 0,
  worker: "",
  typeDigest: "",
  timeoutMs: 0,
  killGraceMs: 10_000,
  typeEnvironment: {},
};

/** The table of PROTOCOL section 6, "at start-up", for one task. */
export async function recoverAttempt(
  deps: AttemptDeps,
  task: LiveTask,
  journal: ReadonlyMap<string, JournalEntry>,
): Promise<void> {
  const { context } = deps;
  const { runner, store, log } = context.ports;
  const attempt = ownAttempt(context, task);
  if (attempt === undefined) return;
  const mayBeMissing = store.status().corrupted ? unreadableEntry : undefined;
  const entry = journal.get(`${task.id}/${attempt}`) ?? mayBeMissing;
  const isStarting = entry?.kind === "starting";
  const facts = isStarting ? await runner.inquire(task.id, attempt) : undefined;
  // Meanwhile it may have been cancelled, have ended, or have been read anew.
  const isCurrent = context.replica.live(task.id) === task;
  if (!isCurrent || ownAttempt(context, task) !== attempt) return;
  const recovery = decide(context, task, attempt, entry, facts);
  log.info("found an attempt from before", { task: task.id, attempt, recovery: recovery.kind });
  follow(deps, task, attempt, entry, recovery);
}

/** The attempt that this node has claimed and not seen the end of. */
function ownAttempt({ options }: EngineContext, { working }: LiveTask): number | undefined {
  const { value } = working.record.decided;
  return value.phase === "CLAIMED" && value.owner === options.nodeId ? value.n : undefined;
}

function decide(
  { ports, options }: EngineContext,
  { working }: LiveTask,
  attempt: number,
  entry: JournalEntry | undefined,
  facts: RunFacts | undefined,
): Recovery {
  const { runner, clock, random } = ports;
  const { value, spec } = working.record.decided;
  const kernel = entry?.kind === "starting" ? entry.kernelBootId : undefined;
  return decideRecovery({
    attempt,
    entry,
    facts,
    // What runs was started by the kernel that runs.
    isSameKernel: facts?.kind === "running" || kernel === runner.kernelBootId(),
    value,
    self: options.nodeId,
    onLost: spec.onLost,
    retry: spec.retry,
    endedBefore: Object.keys(working.record.ended).length,
    at: clock.now(),
    random01: random.float(),
  });
}

function follow(
  deps: AttemptDeps,
  task: LiveTask,
  attempt: number,
  entry: JournalEntry | undefined,
  recovery: Recovery,
): void {
  switch (recovery.kind) {
    case "adopt":
      adopt(deps, task, attempt, entry, recovery.run);
      if (recovery.stop) deps.runs.stop(task.id, attempt);
      return;
    case "change":
      if (recovery.run !== undefined) adopt(deps, task, attempt, entry, recovery.run);
      deps.settler.conclude(task, attempt, recovery.command);
      return;
    // These are about registers with other voters, or attempts that are over.
    case "ask":
    case "read":
    case "late":
    case "nothing":
      return;
  }
}

/** Takes in what the attempt was started as, in its old worker where that is still there. */
function adopt(
  { runs, context: { workers } }: AttemptDeps,
  { id }: LiveTask,
  attempt: number,
  journal: JournalEntry | undefined,
  run: RunSeen,
): void {
  if (journal?.kind !== "starting") return;
  const at = workers.byId(journal.worker);
  const worker = at?.task === undefined ? at : undefined;
  if (worker !== undefined) workers.occupy(worker, id);
  runs.adopt({ id, attempt, worker, journal, launched: true }, run.pid, run.startedAt);
}
