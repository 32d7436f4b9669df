import { hexOf, type NodeId } from "../core/ids.ts";
import type { GoneIntervals } from "../core/register/gone.ts";
import type { Control } from "../ports/control.ts";
import type { Store } from "../ports/store.ts";
import type { Claim } from "./claim.ts";
import { canSettle, storeUnavailable, type EngineContext, type Session } from "./context.ts";
import { createControl } from "./control.ts";
import type { EngineOptions, EnginePorts, ServedAt } from "./deps.ts";
import { createIntervention, type Intervention } from "./intervene.ts";
import { createJanitor } from "./janitor.ts";
import { createListing } from "./listing.ts";
import { createNodeView } from "./node-view.ts";
import { createPicker, type Picker } from "./pick.ts";
import { recover, type Recovered } from "./recover.ts";
import { createRegisters } from "./registers.ts";
import { createReplica, type LiveTask } from "./replica.ts";
import { createRuns, type Runs } from "./runs.ts";
import { createSettler, type Settler } from "./settle.ts";
import { createStoreGuard } from "./store-guard.ts";
import { createSubmitter } from "./submit.ts";
import { createView } from "./view.ts";
import { createWorkerControl } from "./worker-control.ts";
import { createWorkers } from "./workers.ts";

/** The loops of one node, and the one door to them. */
export interface Engine {
  readonly control: Control;
  /** Reads the store and finds out what became of each attempt that may be running. */
  start(): Promise<Recovered>;
  /** REST listens: from now on tasks are started. */
  open(served: ServedAt): void;
  runningTasks(): number;
  /** Takes nothing new, ends running tasks if asked to, and waits for what is being stored. */
  stop(options: { readonly stopTasks: boolean }): Promise<void>;
}

/** The loops that hand tasks to each other. */
interface Loops {
  readonly picker: Picker;
  readonly runs: Runs;
  readonly settler: Settler;
  readonly intervention: Intervention;
}

export function createEngine(ports: EnginePorts, options: EngineOptions): Engine {
  const context = createContext(ports, options);
  const loops = createLoops(context);
  const { session, replica, workers } = context;
  const janitor = createJanitor(context);
  const load = async (): Promise<Recovered> => {
    for (const part of [replica, loops.picker, loops.runs]) part.clear();
    workers.reset();
    context.gone.clear();
    return recover({ context, ...loops });
  };
  const guard = createStoreGuard(context, ports.store, load);

  return {
    control: createControlOf(context, loops),
    async start() {
      guard.start();
      const { runs, settler } = loops;
      ports.runner.listen({ started: runs.started, ended: settler.ended, voided: settler.voided });
      await readSession(ports, context);
      for (let slot = 0; slot < options.slots; slot += 1) {
        workers.add(options.tags, "node", ports.clock.now());
      }
      declareGauges(context, loops);
      const recovered = await load();
      janitor.start();
      return recovered;
    },
    open(served) {
      session.served = served;
      loops.picker.pick();
    },
    runningTasks: () => loops.runs.count(),
    async stop({ stopTasks }) {
      session.phase = "stopping";
      janitor.stop();
      // From now on: a store that comes back meanwhile must not bring the engine back to life.
      const unguarded = guard.stop();
      if (stopTasks) await endRuns(context, loops);
      await Promise.allSettled([...replica.liveTasks()].map((task) => task.committed));
      await unguarded;
    },
  };
}

/** How long past their grace tasks are waited for: a keeper that hangs must not hang the node. */
const afterGraceMs = 5_000;

/** Those that are being claimed just now included: they would start a moment later. */
async function endRuns(context: EngineContext, { runs, intervention }: Loops): Promise<void> {
  const { clock, log } = context.ports;
  const claimed = [...context.replica.liveTasks()].filter((task) => isClaimedHere(context, task));
  const graceMs = Math.max(0, ...runs.all().map(({ journal }) => journal.killGraceMs));
  const timeIsUp = Promise.withResolvers<void>();
  const cancel = clock.after(graceMs + afterGraceMs, timeIsUp.resolve);
  await Promise.race([
    Promise.allSettled(claimed.map(({ id }) => intervention.cancel(id))),
    timeIsUp.promise,
  ]);
  cancel();
  const tasks = runs.all().map(({ id }) => id);
  if (tasks.length > 0) log.warn("tasks did not end in time; the next start ends them", { tasks });
}

function isClaimedHere({ options }: EngineContext, { working }: LiveTask): boolean {
  const { value } = working.record.decided;
  return value.phase === "CLAIMED" && value.owner === options.nodeId;
}

function createContext(ports: EnginePorts, options: EngineOptions): EngineContext {
  const session: Session = {
    phase: "loading",
    storeProblem: undefined,
    boot: 0,
    tokenKey: "",
    served: undefined,
    isRecovered: false,
  };
  const store = gateWrites(ports.store, options, session);
  const gone = new Map<NodeId, GoneIntervals>();
  const registers = createRegisters({
    hash: ports.hash,
    clock: ports.clock,
    self: options.nodeId,
    boot: () => session.boot,
    gone: (origin) => gone.get(origin),
  });
  const replica = createReplica(store);
  const workers = createWorkers(options.name);
  return { ports: { ...ports, store }, options, session, replica, registers, workers, gone };
}

/**
 * The store as the loops have it: closed while what is in memory and what is on disk may differ.
 * What was decided before the store failed must not be written over what is found there.
 */
function gateWrites(store: Store, options: EngineOptions, session: Session): Store {
  return {
    ...store,
    async write(operations) {
      if (!canSettle(session)) throw storeUnavailable(options, session);
      await store.write(operations);
    },
  };
}

/** Picking starts runs, ends of runs are settled, and settling frees workers for the next pick. */
function createLoops(context: EngineContext): Loops {
  const { ports, replica, workers } = context;
  const runs = createRuns(context, (id, attempt, end) => settler.ended(id, attempt, end));
  const begin = (claim: Claim): void => {
    workers.occupy(claim.worker, claim.task.id);
    replica.commit(claim.task, claim.version, claim.operations).then(
      () => runs.launch(claim),
      (error: unknown) => ports.log.warn("a claim was not stored", { task: claim.task.id, error }),
    );
  };
  const picker = createPicker(context, { begin, expire: (task) => intervention.expire(task) });
  const settler = createSettler(context, runs, picker);
  const intervention = createIntervention(context, picker, runs);
  return { picker, runs, settler, intervention };
}

function createControlOf(context: EngineContext, loops: Loops): Control {
  const { picker, runs, intervention } = loops;
  const { replica, ports } = context;
  const view = createView(context, runs);
  return createControl({
    context,
    runs,
    view,
    intervention,
    submitter: createSubmitter(context, picker, runs.launch),
    listing: createListing({
      replica,
      store: ports.store,
      stateOf: view.stateOf,
      nodeIdOf: view.nodeIdOf,
    }),
    workerControl: createWorkerControl(context, picker),
    nodeView: createNodeView(context, runs, picker, view),
  });
}

/** What must be on disk before anything else: the boot number never repeats. */
async function readSession(
  { store, random }: EnginePorts,
  { session, workers }: EngineContext,
): Promise<void> {
  session.boot = Number((await store.get("meta", "boot")) ?? 0) + 1;
  const [kept, workerNumber] = await store.getMany("meta", ["tokenKey", "workerNumber"]);
  workers.numberFrom(Number(workerNumber ?? 0));
  session.tokenKey = typeof kept === "string" ? kept : hexOf(random.bytes(32));
  await store.write([
    { kind: "put", table: "meta", key: "boot", value: session.boot },
    { kind: "put", table: "meta", key: "tokenKey", value: session.tokenKey },
  ]);
}

function declareGauges({ ports, replica, workers }: EngineContext, { runs }: Loops): void {
  const { metrics, host } = ports;
  metrics.gauge("tasks_open", () => replica.rows.bucket("open").length);
  metrics.gauge("tasks_running", () => runs.count());
  metrics.gauge("tasks_known", () => replica.rows.size());
  metrics.gauge("slots_total", () => workers.total());
  metrics.gauge("slots_free", () => workers.free());
  metrics.gauge("loop_delay_seconds", () => host().loopDelayMs.p99 / 1_000);
}
