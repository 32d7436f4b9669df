import { BlanketError } from "../../../src/core/errors.ts";
import { isFinal, taskStates } from "../../../src/core/task/shown-state.ts";
import type { ShownTask } from "../../../src/core/task/shown-task.ts";
import type { ShownWorker } from "../../../src/core/worker.ts";
import type { ChaosWorld } from "./chaos-world.ts";
import { Violation } from "./oracle.ts";

/** What must hold at any time, of some tasks that chance names and of all workers. */
export async function checkNow(chaos: ChaosWorld): Promise<void> {
  chaos.findViolation();
  const { chance, oracle, adopted } = chaos;
  const world = chaos.world();
  if (!world.engine.control.status().ready) {
    for (const { id } of world.runner.running()) adopted.add(id);
  }
  const known = oracle.known();
  for (let count = Math.min(3, known.length); count > 0; count -= 1) {
    await checkTask(chaos, chance.pick(known));
  }
  await checkWorkers(chaos);
  chaos.findViolation();
}

async function checkTask(chaos: ChaosWorld, id: string): Promise<void> {
  const shown = await unlessAway(chaos.control().find(id));
  if (shown === undefined || chaos.oracle.isRemoved(id)) return;
  chaos.oracle.told(shown);
  const stored = await unlessAway(chaos.world().store.get("task", id));
  if (chaos.world().store.status().open) chaos.oracle.compared(shown, stored);
}

async function checkWorkers(chaos: ChaosWorld): Promise<void> {
  const workers = await unlessAway(chaos.control().workers());
  if (workers === undefined || !chaos.control().status().ready) return;
  const busy = workers.flatMap(({ task }) => (task === null ? [] : [task]));
  const isTwice = new Set(busy).size !== busy.length;
  if (isTwice) throw new Violation(`two workers run one of ${busy.join()}`);
  for (const id of busy) {
    const shown = await unlessAway(chaos.control().find(id));
    if (shown !== undefined && isFinal(shown.state)) {
      throw new Violation(`${id} is ${shown.state} and keeps its worker`);
    }
  }
  // While runs from before are asked after, nobody can say yet which worker they are in.
  if (!chaos.isHeld("answers")) await checkRuns(chaos, workers);
}

/** Each run is in the worker that it was started in, unless that is gone. */
async function checkRuns(chaos: ChaosWorld, workers: readonly ShownWorker[]): Promise<void> {
  for (const { id } of chaos.world().runner.running()) {
    const workerId = (await unlessAway(chaos.control().find(id)))?.workerId ?? "";
    const worker = workers.find((each) => each.id === workerId);
    const mayBeGone = workerId === "" || chaos.adopted.has(id);
    if (worker === undefined ? mayBeGone : worker.task === id) continue;
    throw new Violation(`${id} is not in its worker ${workerId}`);
  }
}

/** Undefined where the store is away, or a removal was faster. */
async function unlessAway<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    const code = error instanceof BlanketError ? error.code : undefined;
    if (code === "STORE_UNAVAILABLE" || code === "TASK_UNKNOWN") return undefined;
    throw error;
  }
}

/** What must hold once faults are over, commands have ended, and time has passed. */
export async function checkAtRest(chaos: ChaosWorld): Promise<void> {
  const { oracle } = chaos;
  const control = chaos.control();
  const { runner, store } = chaos.world();
  const status = control.status();
  if (!status.ready) throw new Violation(`not ready: ${status.problems.join("; ")}`);
  if (runner.running().length > 0) throw new Violation("something runs on");
  const all = await control.list({}, { limit: 1_000, offset: 0, newestFirst: false });
  for (const task of all) checkRest(task);
  const ended = new Set(all.filter(({ state }) => isFinal(state)).map(({ id }) => id));
  // Whoever waits for a task that has not ended may wait on.
  const unanswered = chaos.unanswered().filter((what) => {
    const [verb, id = ""] = what.split(" ");
    return verb !== "wait" || ended.has(id);
  });
  if (unanswered.length > 0) throw new Violation(`no answer: ${unanswered.join(", ")}`);
  const shown = new Set(all.map(({ id }) => id));
  const lost = oracle.known().find((id) => oracle.isKept(id) && !shown.has(id));
  if (lost !== undefined) throw new Violation(`${lost} is forgotten`);
  for (const task of all) {
    oracle.told(task);
    oracle.compared(task, await store.get("task", task.id));
  }
  const workers = await control.workers();
  const kept = workers.filter(({ task }) => task !== null);
  if (kept.length > 0) throw new Violation(`workers keep ${kept.map(({ task }) => task).join()}`);
  for await (const { key } of store.scan("journal"))
    throw new Violation(`the journal keeps ${key}`);
  checkCounts(all, control.status());
  const { entries } = chaos.world().log;
  const undecided = entries.find(({ message }) => message.includes("could not be decided"));
  if (undecided !== undefined) throw new Violation(JSON.stringify(undecided));
}

/** Ended, or waiting with a reason that is true of it. */
function checkRest({ id, state, reason, notBefore }: ShownTask): void {
  const isHonest =
    isFinal(state) ||
    state === "PAUSED" ||
    (state === "WAITING" && reason !== null) ||
    (state === "SCHEDULED" && (notBefore !== null || reason !== null));
  if (!isHonest) throw new Violation(`${id} is ${state} (${String(reason)}) at the end`);
}

function checkCounts(
  all: readonly ShownTask[],
  { tasks, queues }: ReturnType<ReturnType<ChaosWorld["control"]>["status"]>,
): void {
  for (const state of taskStates) {
    const count = all.filter((task) => task.state === state).length;
    const told = tasks[state] ?? 0;
    if (told !== count) throw new Violation(`the status counts ${told} ${state}, not ${count}`);
  }
  const waiting = all.filter(({ state }) => state === "WAITING").length;
  if (queues.waiting !== waiting) {
    throw new Violation(`${queues.waiting} stand in line, ${waiting} wait`);
  }
}
