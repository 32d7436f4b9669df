import { BlanketError } from "../core/errors.ts";
import type { NodeId } from "../core/ids.ts";
import { hexOf } from "../core/ids.ts";
import type { GoneIntervals } from "../core/register/gone.ts";
import type { Control } from "../ports/control.ts";
import { createControl } from "./control.ts";
import type { EngineOptions, EnginePorts, ServedAt } from "./deps.ts";
import { createIntervention } from "./intervene.ts";
import { createJanitor } from "./janitor.ts";
import { createListing } from "./listing.ts";
import { createNodeView } from "./node-view.ts";
import { createPicker, type Claim, type Picker } from "./pick.ts";
import { recover, type Recovered } from "./recover.ts";
import { createRegisters } from "./registers.ts";
import { createReplica } from "./replica.ts";
import { createRuns } from "./runs.ts";
import { createSettler } from "./settle.ts";
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

/** Loading, or no store: nothing can be changed. Stopping: nothing new is taken. */
type Phase = "loading" | "ready" | "storeless" | "stopping";

/** How long to wait before the store is tried again, growing up to the second figure. */
const reopenDelayMs = { first: 500, most: 15_000 };

export function createEngine(ports: EnginePorts, options: EngineOptions): Engine {
  const { clock, store, runner, log, metrics } = ports;
  let phase: Phase = "loading";
  let storeProblem: string | undefined;
  let boot = 0;
  let tokenKey = "";
  let served: ServedAt | undefined;
  let regaining: Promise<void> | undefined;

  const gone = new Map<NodeId, GoneIntervals>();
  const replica = createReplica(store);
  const workers = createWorkers(options.name);
  const registers = createRegisters({
    hash: ports.hash,
    clock,
    self: options.nodeId,
    boot: () => boot,
    gone: (origin) => gone.get(origin),
  });
  const runs = createRuns({
    ports,
    options,
    replica,
    over: (id, attempt, end) => settler.ended(id, attempt, end),
  });
  const picker: Picker = createPicker({
    ports,
    options,
    replica,
    registers,
    workers,
    tokenKey: () => tokenKey,
    begin,
    expire: (task) => intervention.expire(task),
  });
  const isPhase = (wanted: Phase): boolean => phase === wanted;
  const isReady = (): boolean => isPhase("ready") || isPhase("stopping");
  const settler = createSettler({
    ports,
    self: options.nodeId,
    replica,
    registers,
    runs,
    workers,
    pick: picker.pick,
    reconsider: picker.reconsider,
    isReady,
  });
  const intervention = createIntervention({ ports, replica, registers, runs, picker });
  const submitter = createSubmitter({
    ports,
    options,
    replica,
    registers,
    workers,
    picker,
    boot: () => boot,
    launch: runs.launch,
  });
  const view = createView({
    ports,
    options,
    replica,
    workers,
    picker,
    runs,
    storeFault: () => storeProblem,
  });
  const listing = createListing({
    replica,
    store,
    stateOf: view.stateOf,
    nodeIdOf: view.nodeIdOf,
  });
  const control = createControl({
    ports,
    options,
    replica,
    listing,
    submitter,
    intervention,
    runs,
    view,
    workerControl: createWorkerControl({
      ports,
      options,
      workers,
      pick: picker.pick,
      refuseUnlessReady,
    }),
    nodeView: createNodeView({
      ports,
      options,
      replica,
      workers,
      runs,
      picker,
      view,
      boot: () => boot,
      served: () => served,
      problems,
    }),
    refuseUnlessReady,
  });
  const janitor = createJanitor({ ports, replica, gone, isReady: () => phase === "ready" });

  /** Writes a claim, and starts it once it is on disk. */
  function begin(claim: Claim): void {
    workers.occupy(claim.worker, claim.task.id);
    replica.commit(claim.task, claim.version, claim.operations).then(
      () => runs.launch(claim),
      (error: unknown) => log.warn("a claim was not stored", { task: claim.task.id, error }),
    );
  }

  function refuseUnlessReady(): void {
    if (phase === "ready") return;
    if (phase === "stopping") {
      throw new BlanketError("NODE_STOPPING", `${options.name} is stopping; ask another node.`);
    }
    throw new BlanketError(
      "STORE_UNAVAILABLE",
      `${options.name} can't store anything now: ${storeProblem ?? "it is starting"}; running tasks go on, try again in a while.`,
    );
  }

  function problems(): readonly string[] {
    const found: string[] = [];
    if (phase === "loading") found.push("it is starting");
    if (phase === "stopping") found.push("it is stopping");
    if (storeProblem !== undefined) found.push(storeProblem);
    const { damaged, corrupted } = store.status();
    if (damaged > 0) found.push(`${damaged} records on disk are damaged and were left out`);
    if (corrupted) found.push("the database reports lost records");
    return found;
  }

  async function load(): Promise<Recovered> {
    for (const part of [replica, picker, runs]) part.clear();
    workers.freeAll();
    gone.clear();
    return recover({
      ports,
      options,
      replica,
      workers,
      runs,
      settler,
      picker,
      gone,
      ready() {
        if (phase !== "stopping") phase = "ready";
      },
    });
  }

  function loseStore(cause: unknown): void {
    storeProblem = sentenceOf(cause);
    metrics.count("store_failures_total");
    log.error("the store failed; nothing is taken until it works again", { cause });
    picker.close();
    if (phase === "stopping" || phase === "storeless") return;
    phase = "storeless";
    regaining = regainStore();
  }

  /** Opens the store again until it takes a write, then reads everything anew. */
  async function regainStore(): Promise<void> {
    let delayMs: number = reopenDelayMs.first;
    while (phase === "storeless") {
      await new Promise<void>((resolve) => clock.after(delayMs, resolve));
      delayMs = Math.min(delayMs * 2, reopenDelayMs.most);
      try {
        await store.reopen();
        await store.write([{ kind: "put", table: "meta", key: "boot", value: boot }]);
        await load();
        storeProblem = undefined;
        log.info("the store works again");
        if (served !== undefined) picker.open(served);
      } catch (error) {
        if (isPhase("ready")) phase = "storeless";
        storeProblem = sentenceOf(error);
      }
    }
  }

  async function readIdentity(): Promise<void> {
    boot = Number((await store.get("meta", "boot")) ?? 0) + 1;
    const kept = await store.get("meta", "tokenKey");
    tokenKey = typeof kept === "string" ? kept : hexOf(ports.random.bytes(32));
    await store.write([
      { kind: "put", table: "meta", key: "boot", value: boot },
      { kind: "put", table: "meta", key: "tokenKey", value: tokenKey },
    ]);
  }

  return {
    control,
    async start() {
      store.onFailure(loseStore);
      runner.listen({ started: runs.started, ended: settler.ended, voided: settler.voided });
      await readIdentity();
      for (let slot = 0; slot < options.slots; slot += 1) {
        workers.add(options.tags, "node", clock.now());
      }
      const recovered = await load();
      janitor.start();
      metrics.gauge("tasks_open", () => replica.rows.bucket("open").length);
      metrics.gauge("tasks_running", () => runs.count());
      metrics.gauge("tasks_known", () => replica.rows.size());
      metrics.gauge("slots_total", () => workers.total());
      metrics.gauge("slots_free", () => workers.free());
      return recovered;
    },
    open(at) {
      served = at;
      picker.open(at);
    },
    runningTasks: () => runs.count(),
    async stop({ stopTasks }) {
      phase = "stopping";
      picker.close();
      janitor.stop();
      const running = [...runs.all()];
      if (stopTasks) await Promise.allSettled(running.map(({ id }) => intervention.cancel(id)));
      await Promise.allSettled([...replica.liveTasks()].map((task) => task.committed));
      await regaining;
    },
  };
}

function sentenceOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
