import { BlanketError } from "../core/errors.ts";
import { limits } from "../core/limits.ts";
import { rfc3339 } from "../core/rfc3339.ts";
import type { ShownWorker, StoredWorker } from "../core/worker.ts";
import type { Control } from "../ports/control.ts";
import type { StoreOperation } from "../ports/store.ts";
import { refuseUnlessReady, refuseWhileLoading, type EngineContext } from "./context.ts";
import type { EngineOptions } from "./deps.ts";
import type { Picker } from "./pick.ts";
import { workerState, type Worker } from "./workers.ts";

/** The part of control that is about workers. */
export type WorkerControl = Pick<
  Control,
  "workers" | "worker" | "addWorkers" | "stopWorker" | "pauseWorker" | "resumeWorker" | "workerId"
>;

export function createWorkerControl(context: EngineContext, picker: Picker): WorkerControl {
  const { options, workers } = context;
  const { store, clock } = context.ports;

  const show = (worker: Worker): ShownWorker => shown(options, worker);

  /** Stores new workers and their numbers; those that could not be stored were never there. */
  async function keepNew(added: readonly Worker[]): Promise<void> {
    const value = workers.lastNumber();
    try {
      await store.write([
        { kind: "put", table: "meta", key: "workerNumber", value },
        ...storedOperations(added),
      ]);
    } catch (error) {
      for (const worker of added) workers.remove(worker);
      throw error;
    }
  }

  async function setPaused(idOrPrefix: string, paused: boolean): Promise<ShownWorker> {
    refuseUnlessReady(context);
    const worker = workers.find(idOrPrefix);
    if (worker.stopping || worker.paused === paused) throw illegal(worker, paused);
    worker.paused = paused;
    workers.refresh(worker);
    const operations = storedOperations([worker]);
    if (operations.length > 0) await store.write(operations);
    picker.pick();
    return show(worker);
  }

  function find(idOrPrefix: string): Worker {
    refuseWhileLoading(context);
    return workers.find(idOrPrefix);
  }

  return {
    async workers() {
      refuseWhileLoading(context);
      return workers.list().map(show);
    },
    worker: async (idOrPrefix) => show(find(idOrPrefix)),
    workerId: async (idOrPrefix) => find(idOrPrefix).id,
    async addWorkers(tags, count, kind) {
      refuseUnlessReady(context);
      refusePastMost(context, count);
      const added = Array.from({ length: count }, () => workers.add(tags, kind, clock.now()));
      await keepNew(added);
      picker.pick();
      return added.map(show);
    },
    async stopWorker(idOrPrefix) {
      // Nothing of an attached one is stored: it goes with its connection, store or not.
      if (workers.byId(idOrPrefix)?.kind !== "attached") refuseUnlessReady(context);
      const worker = workers.find(idOrPrefix);
      worker.stopping = true;
      workers.refresh(worker);
      const last = show(worker);
      if (worker.task === undefined) workers.remove(worker);
      if (worker.kind === "added") {
        await store.write([{ kind: "delete", table: "worker", key: worker.id }]);
      }
      return last;
    },
    pauseWorker: (idOrPrefix) => setPaused(idOrPrefix, true),
    resumeWorker: (idOrPrefix) => setPaused(idOrPrefix, false),
  };
}

function shown({ name, daemonPid }: EngineOptions, worker: Worker): ShownWorker {
  return {
    id: worker.id,
    node: name,
    tags: worker.tags,
    state: workerState(worker),
    task: worker.task ?? null,
    pid: daemonPid,
    startedTs: Math.floor(worker.createdAt / 1_000),
    startedAt: rfc3339(worker.createdAt),
    kind: worker.kind,
  };
}

function refusePastMost({ options, workers }: EngineContext, count: number): void {
  if (workers.total() + count <= limits.slotsMax) return;
  throw new BlanketError(
    "QUEUE_FULL",
    `${options.name} has ${workers.total()} workers and may have ${limits.slotsMax}; ask for fewer.`,
    { workersMax: limits.slotsMax },
  );
}

/** Workers of users outlive the node; its own slots are made anew at each start. */
function storedOperations(workers: readonly Worker[]): readonly StoreOperation[] {
  const added = workers.filter(({ kind }) => kind === "added");
  return added.map(({ id, tags, paused, createdAt }) => {
    const value: StoredWorker = { id, tags, paused, createdAt };
    return { kind: "put", table: "worker", key: id, value };
  });
}

function illegal(worker: Worker, paused: boolean): BlanketError {
  const state = workerState(worker);
  return new BlanketError(
    "TRANSITION_ILLEGAL",
    `the worker ${worker.id} is ${state} and can't be ${paused ? "paused" : "resumed"}.`,
    { id: worker.id, state },
  );
}
