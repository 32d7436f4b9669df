import type { TaskId } from "../../../src/core/ids.ts";
import type { Submission } from "../../../src/core/task/submission.ts";
import { diskFull, endFaults, failAfterBatch, setFault } from "../../doubles/faulty-level.ts";
import { tell, type ChaosWorld } from "./chaos-world.ts";

/** Things that happen to a node, with how often they do. */
type Action = readonly [weight: number, name: string, act: (chaos: ChaosWorld) => unknown];

const types = ["plain", "plain", "gpu", "stubborn", "again", "forget"];

const actions: readonly Action[] = [
  [20, "submit", submitOne],
  [6, "submit several", submitSeveral],
  [24, "end", endOne],
  [6, "cancel", cancel],
  [3, "pause", pause],
  [3, "resume", resume],
  [3, "remove", remove],
  [3, "retry", (chaos) => onTask(chaos, "retry", (id) => chaos.control().retry(id, "local"))],
  [6, "wait", wait],
  [2, "add a worker", addWorker],
  [2, "change a worker", changeWorker],
  [3, "keeper", ({ world, chance }) => world().runner.refuse(refusal(chance.holds(0.3)))],
  [2, "slow answers", ({ hold }) => hold("answers")],
  [3, "answers", ({ release }) => release("answers")],
  [2, "slow directories", ({ hold }) => hold("directories")],
  [3, "directories", ({ release }) => release("directories")],
  [3, "signals", ({ world, chance }) => world().runner.deafen(chance.holds(0.3))],
  [5, "disk", breakDisk],
  [3, "disk, at an end", (chaos) => (failAfterBatch(diskFull), endOne(chaos))],
  [10, "disk mended", endFaults],
  [3, "kill", (chaos) => chaos.restart(() => undefined)],
  [3, "kill, and runs end", (chaos) => chaos.restart(() => endSome(chaos))],
  [1, "power cut", cutPower],
  [8, "a moment", ({ world, chance }) => world().clock.run(chance.below(300))],
  [10, "a while", aWhile],
];

const weights = actions.reduce((sum, [weight]) => sum + weight, 0);

/** Lets something happen; its name is for the trace. */
export async function actByChance(chaos: ChaosWorld): Promise<string> {
  let left = chaos.chance.below(weights);
  for (const [weight, name, act] of actions) {
    left -= weight;
    if (left >= 0) continue;
    await act(chaos);
    return name;
  }
  return "nothing";
}

function submission({ chance, world }: ChaosWorld): Submission {
  const type = chance.pick(types);
  const now = world().clock.now();
  const key = chance.holds(0.15) ? { key: `${type}-${chance.below(3)}` } : {};
  return {
    type,
    environment: { KIND: type },
    tags: [],
    files: [],
    ...key,
    ...(chance.holds(0.3) ? { priority: chance.below(3) } : {}),
    ...(chance.holds(0.15) ? { notBefore: now + chance.below(20_000) } : {}),
    ...(chance.holds(0.1) ? { expires: now + 21_000 + chance.below(20_000) } : {}),
  };
}

function submitOne(chaos: ChaosWorld): void {
  const { task: _task, ...given } = { task: undefined, ...submission(chaos) };
  const asked = chaos.control().submit(given, "local");
  chaos.ask(`submit ${given.type}`, asked, ({ task }) => chaos.oracle.told(task));
}

function submitSeveral(chaos: ChaosWorld): void {
  for (let count = 2 + chaos.chance.below(4); count > 0; count -= 1) submitOne(chaos);
}

function endOne({ world, chance, oracle }: ChaosWorld): void {
  const running = world().runner.running();
  if (running.length === 0) return;
  const run = chance.pick(running);
  const exitCode = chance.holds(0.4) ? 1 : 0;
  oracle.ended(run, exitCode);
  world().runner.end(run.id, { exitCode });
}

function endSome(chaos: ChaosWorld): void {
  for (let count = chaos.chance.below(3); count > 0; count -= 1) endOne(chaos);
}

function anyId({ oracle, chance }: ChaosWorld): string | undefined {
  const known = oracle.known();
  return known.length === 0 ? undefined : chance.pick(known);
}

function onTask(
  chaos: ChaosWorld,
  what: string,
  act: (id: string) => ReturnType<ReturnType<ChaosWorld["control"]>["cancel"]>,
): void {
  const id = anyId(chaos);
  if (id !== undefined) chaos.ask(`${what} ${id}`, act(id), tell(chaos));
}

function cancel(chaos: ChaosWorld): void {
  onTask(chaos, "cancel", (id) => {
    chaos.oracle.stopping(id);
    return chaos.control().cancel(id);
  });
}

function cutPower(chaos: ChaosWorld): Promise<void> {
  return chaos.restart(() => {
    chaos.oracle.powerCut(chaos.world().clock.now());
    chaos.world().runner.reboot();
  });
}

function pause(chaos: ChaosWorld): void {
  const id = anyId(chaos);
  if (id === undefined) return;
  chaos.ask(`pause ${id}`, chaos.control().pause(id), (task) => {
    if (task.state === "PAUSED") chaos.oracle.paused(id, true);
  });
}

function resume(chaos: ChaosWorld): void {
  const id = anyId(chaos);
  if (id === undefined) return;
  chaos.oracle.paused(id, false);
  chaos.ask(`resume ${id}`, chaos.control().resume(id), tell(chaos));
}

function remove(chaos: ChaosWorld): void {
  const id = anyId(chaos);
  if (id === undefined) return;
  chaos.oracle.removing(id);
  chaos.oracle.stopping(id);
  chaos.ask(`remove ${id}`, chaos.control().remove(id), () => chaos.oracle.removed(id));
}

/** Time enough for a store to be tried again, and turns for what follows. */
async function aWhile({ world, chance, turns }: ChaosWorld): Promise<void> {
  for (let part = 0; part < 3; part += 1) {
    await world().clock.run(chance.below(4_000));
    await turns(4);
  }
}

/** Most of all for what runs: there is an end to come. */
function wait(chaos: ChaosWorld): void {
  const running = chaos.world().runner.running();
  const isForRun = running.length > 0 && chaos.chance.holds(0.7);
  const id = isForRun ? chaos.chance.pick(running).id : anyId(chaos);
  if (id === undefined) return;
  const { signal } = new AbortController();
  chaos.ask(`wait ${id}`, chaos.control().wait(id as TaskId, signal), tell(chaos));
}

function addWorker(chaos: ChaosWorld): void {
  const { chance } = chaos;
  const tags = chance.holds(0.7) ? ["gpu", "linux"] : [];
  const kind = chance.holds(0.5) ? "added" : "attached";
  const asked = chaos.control().addWorkers(tags, 1 + chance.below(2), kind);
  chaos.ask("add workers", asked, () => undefined);
}

async function changeWorker(chaos: ChaosWorld): Promise<void> {
  const control = chaos.control();
  const workers = await control.workers().catch(() => []);
  if (workers.length === 0) return;
  const { id } = chaos.chance.pick(workers);
  const change = chaos.chance.pick([
    () => control.stopWorker(id),
    () => control.pauseWorker(id),
    () => control.resumeWorker(id),
  ]);
  chaos.ask(`change ${id}`, change(), () => undefined);
}

function refusal(isAway: boolean): string | undefined {
  return isAway ? "no keeper" : undefined;
}

/** What ran is asked after when the disk is back: often that takes its time. */
function breakDisk({ chance, hold }: ChaosWorld): void {
  if (chance.holds(0.4)) hold("answers");
  chance.pick([
    () => setFault("batch", diskFull),
    () => setFault("batch", diskFull),
    () => failAfterBatch(diskFull),
    () => failAfterBatch(diskFull),
    () => setFault("nextv", diskFull),
    () => setFault("getMany", diskFull),
    () => setFault("open", diskFull),
  ])();
}
