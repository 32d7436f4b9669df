import { BlanketError } from "../core/errors.ts";
import { limits } from "../core/limits.ts";
import { rfc3339 } from "../core/rfc3339.ts";
import type { ShownWorker, StoredWorker } from "../core/worker.ts";
import type { Control } from "../ports/control.ts";
import type { StoreOperation } from "../ports/store.ts";
import { refuseUnlessReady, type EngineContext } from "./context.ts";
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

  function show(worker: Worker): ShownWorker {
    return {
      id: worker.id,
      node: options.name,
      tags: worker.tags,
      state: workerState(worker),
      task: worker.task ?? null,
      pid: options.daemonPid,
      startedTs: Math.floor(worker.createdAt / 1_000),
      startedAt: rfc3339(worker.createdAt),
      kind: worker.kind,
    };
  }

  /** Workers of users outlive the node; its own slots are made anew at each start. */
  async function keep(changed: readonly Worker[]): Promise<void> {
    const operations = changed.filter((worker) => worker.kind === "added").map(storedOperation);
    if (operations.length > 0) await store.write(operations);
  }

  async function setPaused(idOrPrefix: string, paused: boolean): Promise<ShownWorker> {
    refuseUnlessReady(context);
    const worker = workers.find(idOrPrefix);
    if (worker.stopping || worker.paused === paused) throw illegal(worker, paused);
    worker.paused = paused;
    workers.refresh(worker);
    await keep([worker]);
    picker.pick();
    return show(worker);
  }

  return {
    workers: () => Promise.resolve(workers.list().map(show)),
    worker: async (idOrPrefix) => show(workers.find(idOrPrefix)),
    workerId: async (idOrPrefix) => workers.find(idOrPrefix).id,
    async addWorkers(tags, count, kind) {
      refuseUnlessReady(context);
      if (workers.total() + count > limits.slotsMax) {
        throw new BlanketError(
          "QUEUE_FULL",
          `${options.name} has ${workers.total()} workers and may have ${limits.slotsMax}; ask for fewer.`,
          { workersMax: limits.slotsMax },
        );
      }
      const added = Array.from({ length: count }, () => workers.add(tags, kind, clock.now()));
      await keep(added);
      picker.pick();
      return added.map(show);
    },
    async stopWorker(idOrPrefix) {
      refuseUnlessReady(context);
      const worker = workers.find(idOrPrefix);
      worker.stopping = true;
      workers.refresh(worker);
      const shown = show(worker);
      if (worker.task === undefined) workers.remove(worker);
      if (worker.kind === "added") {
        await store.write([{ kind: "delete", table: "worker", key: worker.id }]);
      }
      return shown;
    },
    pauseWorker: (idOrPrefix) => setPaused(idOrPrefix, true),
    resumeWorker: (idOrPrefix) => setPaused(idOrPrefix, false),
  };
}

function storedOperation(worker: Worker): StoreOperation {
  const { id, tags, paused, createdAt } = worker;
  const value: StoredWorker = { id, tags, paused, createdAt };
  return { kind: "put", table: "worker", key: id, value };
}

function illegal(worker: Worker, paused: boolean): BlanketError {
  const state = workerState(worker);
  return new BlanketError(
    "TRANSITION_ILLEGAL",
    `the worker ${worker.id} is ${state} and can't be ${paused ? "paused" : "resumed"}.`,
    { id: worker.id, state },
  );
}
