import type { WorkerId } from "./ids.ts";

/** A worker that outlives its node's restart: one added with `blanket worker -d`. */
export interface StoredWorker {
  readonly id: WorkerId;
  readonly tags: readonly string[];
  readonly paused: boolean;
  /** Unix milliseconds. */
  readonly createdAt: number;
}

/** What a worker is doing. `stopping` and `paused` ones finish their task and take no other. */
export type WorkerState = "idle" | "running" | "paused" | "stopping";

/** A worker (a slot with tags) as REST answers it. */
export interface ShownWorker {
  readonly id: string;
  readonly node: string;
  readonly tags: readonly string[];
  readonly state: WorkerState;
  /** The task it runs. */
  readonly task: string | null;
  /** Process id of its node's daemon, as the original has it. */
  readonly pid: number;
  readonly startedTs: number;
  readonly startedAt: string;
  /**
   * `node`: made by the node's slots; `added`: by a user; `attached`: lives as long as a
   * connection.
   */
  readonly kind: "node" | "added" | "attached";
}
