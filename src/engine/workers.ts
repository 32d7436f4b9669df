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
  /** Lets go of its task; a stopping worker then ends. */
  release(worker: Worker): void;
  /** After `paused` or `stopping` was set. */
  refresh(worker: Worker): void;
  /** Forgets who runs what, and the workers of users: both are about to be read anew. */
  reset(): void;
  /** The number last given to a worker of users. */
  lastNumber(): number;
  /** Numbers up to this one were given before this start. */
  numberFrom(last: number): void;
  groups(): Iterable<SlotGroup>;
  /** The groups as `why` wants them. */
  summary(): readonly WorkerGroup[];
  total(): number;
  free(): number;
}

interface State {
  readonly nodeName: string;
  readonly workers: Map<string, Worker>;
  readonly groups: Map<string, SlotGroup>;
  number: number;
}

export function createWorkers(nodeName: string): Workers {
  const workers = new Map<string, Worker>();
  const groups = new Map<string, SlotGroup>();
  const state: State = { nodeName, workers, groups, number: 0 };
  return {
    list: () => [...workers.values()],
    byId: (id) => workers.get(id),
    find: (idOrPrefix) => findWorker(workers, idOrPrefix),
    add: (tags, kind, createdAt) => add(state, tags, kind, createdAt),
    restore({ id, tags, paused, createdAt }) {
      if (!workers.has(id)) put(state, id, { kind: "added", tags, createdAt, paused });
    },
    remove: (worker) => remove(state, worker),
    occupy(worker, task) {
      worker.task = task;
      refresh(worker);
    },
    release(worker) {
      worker.task = undefined;
      if (worker.stopping) remove(state, worker);
      else refresh(worker);
    },
    refresh,
    reset() {
      for (const worker of workers.values()) {
        worker.task = undefined;
        if (worker.stopping || worker.kind === "added") remove(state, worker);
        else refresh(worker);
      }
    },
    lastNumber: () => state.number,
    numberFrom(last) {
      state.number = last;
    },
    groups: () => groups.values(),
    summary: () => [...groups.values()].map((group) => summaryOf(nodeName, group)),
    total: () => workers.size,
    free: () => [...groups.values()].reduce((sum, group) => sum + group.free.size, 0),
  };
}

function add(
  state: State,
  tags: readonly string[],
  kind: Worker["kind"],
  createdAt: number,
): Worker {
  const { workers, nodeName } = state;
  if (workers.size >= limits.slotsMax) {
    throw new BlanketError(
      "QUEUE_FULL",
      `${nodeName} has ${workers.size} workers, the most it may have; remove some first.`,
      { workersMax: limits.slotsMax },
    );
  }
  return put(state, newId(state, kind), { kind, tags, createdAt, paused: false });
}

/**
 * The node's own slots are the same at each start; a worker of users is never another one again.
 */
function newId(state: State, kind: Worker["kind"]): WorkerId {
  const { workers, nodeName } = state;
  const stem = kind === "node" ? nodeName : `${nodeName}-${kind}`;
  let number = kind === "node" ? 0 : state.number;
  do number += 1;
  while (workers.has(`${stem}-${number}`));
  if (kind !== "node") state.number = number;
  return `${stem}-${number}` as WorkerId;
}

function put(
  { workers, groups }: State,
  id: WorkerId,
  facts: Omit<Worker, "id" | "group" | "stopping" | "task">,
): Worker {
  const key = groupKey(facts.tags);
  const group = groups.get(key) ?? {
    tags: new Set(facts.tags),
    members: new Set(),
    free: new Set(),
  };
  groups.set(key, group);
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

function remove({ workers, groups }: State, worker: Worker): void {
  workers.delete(worker.id);
  worker.group.members.delete(worker);
  worker.group.free.delete(worker);
  if (worker.group.members.size === 0) groups.delete(groupKey(worker.tags));
}

function groupKey(tags: readonly string[]): string {
  return tags.toSorted().join("\n");
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
