import type { NodeId, TaskId } from "../core/ids.ts";
import type { JournalEntry } from "../core/journal.ts";
import { decideRecovery, type RunSeen } from "../core/recovery.ts";
import type { TaskRecord } from "../core/task/record.ts";
import type { EngineContext } from "./context.ts";
import type { Picker } from "./pick.ts";
import type { LiveTask } from "./replica.ts";
import type { Runs } from "./runs.ts";
import type { Settler } from "./settle.ts";

/** What was found on disk, for the greeting and the log. */
export interface Recovered {
  readonly running: number;
  readonly waiting: number;
}

export interface RecoverDeps {
  readonly context: EngineContext;
  readonly runs: Runs;
  readonly settler: Settler;
  readonly picker: Picker;
}

/** Registers read at once. */
const chunk = 1_000;

/**
 * Reads everything from disk into an empty engine and finds out what became of each attempt that
 * may have been running: at start, and again after the store was away.
 */
export async function recover(deps: RecoverDeps): Promise<Recovered> {
  const { ports, workers, gone, session, replica } = deps.context;
  const { store } = ports;
  for await (const { value } of store.scan("worker")) {
    if (value !== undefined) workers.restore(value);
  }
  for await (const { key, value } of store.scan("gone")) {
    if (value !== undefined) gone.set(key as NodeId, value);
  }
  const journal = new Map<string, JournalEntry>();
  for await (const { key, value } of store.scan("journal")) {
    if (value !== undefined) journal.set(key, value);
  }
  await readTasks(deps.context);
  // Ends are settled from here on: those of runs that were just asked after come at once.
  if (session.phase === "loading") session.phase = "ready";
  const tasks = [...replica.liveTasks()];
  await Promise.all(tasks.map((task) => recoverAttempt(deps, task, journal)));
  session.isRecovered = session.phase === "ready";
  for (const task of tasks) deps.picker.reconsider(task.id);
  await replica.tellAgain();
  return { running: deps.runs.count(), waiting: deps.picker.waiting() };
}

async function readTasks({ ports, replica }: EngineContext): Promise<void> {
  const live: TaskRecord[] = [];
  for await (const { key, value } of ports.store.scan("task")) {
    if (value === undefined) continue;
    if (value.removed) {
      replica.hide(value);
      continue;
    }
    replica.rows.load(key as TaskId, value);
    if (value.decided.value.phase !== "CLOSED") live.push(value);
  }
  replica.rows.loaded();
  for (let start = 0; start < live.length; start += chunk) {
    const records = live.slice(start, start + chunk);
    const keys = records.map((record) => `${record.id}/${record.chain.length - 1}`);
    const registers = await ports.store.getMany("register", keys);
    for (const [index, record] of records.entries()) {
      replica.begin({ record, register: registers[index] }).shown = record;
    }
  }
}

/** The table of PROTOCOL section 6, "at start-up", for one task. */
async function recoverAttempt(
  deps: RecoverDeps,
  task: LiveTask,
  journal: ReadonlyMap<string, JournalEntry>,
): Promise<void> {
  const { ports, options, replica } = deps.context;
  const { runner, clock, random, log } = ports;
  const attempt = ownAttempt(deps.context, task);
  if (attempt === undefined) return;
  const entry = journal.get(`${task.id}/${attempt}`);
  const isStarting = entry?.kind === "starting";
  const facts = isStarting ? await runner.inquire(task.id, attempt) : undefined;
  // Meanwhile it may have been cancelled, have ended, or have been read anew.
  if (replica.live(task.id) !== task || ownAttempt(deps.context, task) !== attempt) return;
  const { value, spec } = task.working.record.decided;
  const recovery = decideRecovery({
    attempt,
    entry,
    facts,
    isSameKernel: isStarting && entry.kernelBootId === runner.kernelBootId(),
    value,
    self: options.nodeId,
    onLost: spec.onLost,
    retry: spec.retry,
    at: clock.now(),
    random01: random.float(),
  });
  log.info("found an attempt from before", { task: task.id, attempt, recovery: recovery.kind });
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

/** The attempt that this node has claimed and not seen the end of. */
function ownAttempt({ options }: EngineContext, { working }: LiveTask): number | undefined {
  const { value } = working.record.decided;
  return value.phase === "CLAIMED" && value.owner === options.nodeId ? value.n : undefined;
}

/** Takes in what the attempt was started as, in its old worker where that is still there. */
function adopt(
  { runs, context: { workers } }: RecoverDeps,
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
