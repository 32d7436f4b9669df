import type { NodeId, TaskId } from "../core/ids.ts";
import type { JournalEntry } from "../core/journal.ts";
import type { TaskRecord } from "../core/task/record.ts";
import type { EngineContext } from "./context.ts";
import type { Picker } from "./pick.ts";
import { recoverAttempt, unreadableEntry, type AttemptDeps } from "./recover-attempt.ts";

/** What was found on disk, for the greeting and the log. */
export interface Recovered {
  readonly running: number;
  readonly waiting: number;
}

/** What was found is handed to. */
export interface RecoverDeps extends AttemptDeps {
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
    journal.set(key, value ?? unreadableEntry);
  }
  await readTasks(deps.context);
  // Ends are settled from here on: those of runs that were just asked after come at once.
  if (session.phase === "loading") session.phase = "ready";
  const tasks = [...replica.liveTasks()];
  await Promise.all(tasks.map((task) => recoverAttempt(deps, task, journal)));
  // Nothing starts before all of them stand in line: they come in the order of their ids.
  for (const task of tasks) deps.picker.reconsider(task.id);
  session.isRecovered = session.phase === "ready";
  // Where records are missing or damaged, an end that nobody asks for may still be a task's.
  const isWhole = replica.damaged.size === 0 && !store.status().corrupted;
  if (session.isRecovered && isWhole) ports.runner.recovered();
  deps.picker.pick();
  await replica.tellAgain();
  return { running: deps.runs.count(), waiting: deps.picker.waiting() };
}

async function readTasks({ ports, replica }: EngineContext): Promise<void> {
  const live: TaskRecord[] = [];
  for await (const { key, value } of ports.store.scan("task")) {
    if (value === undefined) {
      replica.damaged.add(key as TaskId);
      continue;
    }
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
