import { BlanketError } from "../core/errors.ts";
import type { TaskId, WorkerId } from "../core/ids.ts";
import { limits } from "../core/limits.ts";
import type { WorkerGroup } from "../core/placement/why.ts";
import type { ShownWorker, StoredWorker, WorkerState } from "../core/worker.ts";

/** A slot with tags on this node. */
export interface Worker {
  readonly id: WorkerId;
  readonly kind: ShownWorker["kind"];
  readonly tags: readonly string[];
  readonly createdAt: number;
  readonly group: SlotGroup;
  paused: boolean;
  stopping: boolean;
  task: TaskId | undefined;
}

/** Workers with equal tags: a pick asks once for all of them. */
export interface SlotGroup {
  readonly tags: ReadonlySet<string>;
  readonly members: Set<Worker>;
  readonly free: Set<Worker>;
}

/** The slots of this node. */
export interface Workers {
  list(): readonly Worker[];
  /** By id or unique prefix. @throws WORKER_UNKNOWN, ID_AMBIGUOUS */
  find(idOrPrefix: string): Worker;
  byId(id: string): Worker | undefined;
  /** @throws QUEUE_FULL */
  add(tags: readonly string[], kind: Worker["kind"], createdAt: number): Worker;
  /** Takes in a worker read from the store, unless it is there already. */
  restore(stored: StoredWorker): void;
  remove(worker: Worker): void;
  /** Takes a task: the worker is free no longer. */
  occupy(worker: Worker, task: TaskId): void;
  /** Lets go of its task; a stopping worker then ends, which is told by `true`. */
  release(worker: Worker): boolean;
  /** After `paused` or `stopping` was set. */
  refresh(worker: Worker): void;
  /** Forgets who runs what: it is about to be read anew. */
  freeAll(): void;
  groups(): Iterable<SlotGroup>;
  /** The groups as `why` wants them. */
  summary(): readonly WorkerGroup[];
  total(): number;
  free(): number;
}

export function createWorkers(nodeName: string): Workers {
  const workers = new Map<string, Worker>();
  const groups = new Map<string, SlotGroup>();
  let number = 0;

  function groupFor(tags: readonly string[]): SlotGroup {
    const key = tags.toSorted().join("\n");
    let group = groups.get(key);
    if (group === undefined) {
      group = { tags: new Set(tags), members: new Set(), free: new Set() };
      groups.set(key, group);
    }
    return group;
  }

  function put(id: WorkerId, facts: Omit<Worker, "id" | "group" | "stopping" | "task">): Worker {
    const group = groupFor(facts.tags);
    const worker: Worker = { ...facts, id, group, stopping: false, task: undefined };
    workers.set(id, worker);
    group.members.add(worker);
    refresh(worker);
    return worker;
  }

  function refresh(worker: Worker): void {
    const isFree = worker.task === undefined && !worker.paused && !worker.stopping;
    if (isFree) worker.group.free.add(worker);
    else worker.group.free.delete(worker);
  }

  function remove(worker: Worker): void {
    workers.delete(worker.id);
    worker.group.members.delete(worker);
    worker.group.free.delete(worker);
    if (worker.group.members.size === 0) groups.delete(worker.tags.toSorted().join("\n"));
  }

  return {
    list: () => [...workers.values()],
    byId: (id) => workers.get(id),
    find: (idOrPrefix) => findWorker(workers, idOrPrefix),
    add(tags, kind, createdAt) {
      if (workers.size >= limits.slotsMax) {
        throw new BlanketError(
          "QUEUE_FULL",
          `${nodeName} has ${workers.size} workers, the most it may have; remove some first.`,
          { workersMax: limits.slotsMax },
        );
      }
      const stem = kind === "node" ? `${nodeName}-` : `${nodeName}-${kind}-`;
      do number += 1;
      while (workers.has(`${stem}${number}`));
      const id = `${stem}${number}` as WorkerId;
      return put(id, { kind, tags, createdAt, paused: false });
    },
    restore({ id, tags, paused, createdAt }) {
      if (!workers.has(id)) put(id, { kind: "added", tags, createdAt, paused });
    },
    remove,
    occupy(worker, task) {
      worker.task = task;
      refresh(worker);
    },
    release(worker) {
      worker.task = undefined;
      if (worker.stopping) remove(worker);
      else refresh(worker);
      return worker.stopping;
    },
    refresh,
    freeAll() {
      for (const worker of workers.values()) {
        worker.task = undefined;
        refresh(worker);
      }
    },
    groups: () => groups.values(),
    summary: () => [...groups.values()].map((group) => summaryOf(nodeName, group)),
    total: () => workers.size,
    free: () => [...groups.values()].reduce((sum, group) => sum + group.free.size, 0),
  };
}

/** What a worker is doing, as users see it. */
export function workerState(worker: Worker): WorkerState {
  if (worker.stopping) return "stopping";
  if (worker.task !== undefined) return "running";
  return worker.paused ? "paused" : "idle";
}

function summaryOf(node: string, group: SlotGroup): WorkerGroup {
  let total = 0;
  for (const worker of group.members) if (!worker.paused && !worker.stopping) total += 1;
  return { node, tags: group.tags, total, free: group.free.size };
}

function findWorker(workers: ReadonlyMap<string, Worker>, idOrPrefix: string): Worker {
  const exact = workers.get(idOrPrefix);
  if (exact !== undefined) return exact;
  const found = [...workers.values()].filter(({ id }) => id.startsWith(idOrPrefix));
  const only = found[0];
  if (only === undefined || idOrPrefix === "") {
    throw new BlanketError(
      "WORKER_UNKNOWN",
      `no worker is called ${idOrPrefix}; \`blanket ls workers\` lists all ${workers.size}.`,
      { id: idOrPrefix },
    );
  }
  if (found.length > 1) {
    const candidates = found.map(({ id }) => id);
    throw new BlanketError(
      "ID_AMBIGUOUS",
      `several workers start with ${idOrPrefix} (${candidates.slice(0, 3).join(", ")} …); give the whole id.`,
      { id: idOrPrefix, candidates },
    );
  }
  return only;
}
