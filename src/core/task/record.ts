import type { NodeId, TaskId } from "../ids.ts";
import type { Outcome, Value } from "../register/value.ts";
import type { TaskSpec } from "./spec.ts";

/** One epoch of a task's voters: who votes, and the value that the epoch starts from. */
export interface Epoch {
  readonly voters: readonly NodeId[];
  readonly init: Value;
}

/** That attempt `n` was started, told by its owner. */
export interface Started {
  /** Unix milliseconds on the owner's clock. */
  readonly at: number;
  readonly node: NodeId;
  readonly pid: number;
  /** The worker (slot) it ran in. */
  readonly worker: string;
  /** Digest of the type file that ran. */
  readonly typeDigest: string;
  /** Timeout that was in force; milliseconds, 0 is none. */
  readonly timeoutMs: number;
  /** What the type added to the task's own environment. */
  readonly typeEnvironment: Readonly<Record<string, string>>;
}

/** The greatest value that this node knows to be decided, with the epoch it was decided in. */
export interface Decided {
  readonly epoch: number;
  readonly value: Value;
  /** The content that `value.specHash` names. */
  readonly spec: TaskSpec;
}

/**
 * What every node keeps of a task (PROTOCOL section 4): a join of small parts, each a semilattice.
 * Attempts are numbered from 1; parts about an attempt are written by its owner alone.
 */
export interface TaskRecord {
  readonly id: TaskId;
  readonly origin: NodeId;
  readonly boot: number;
  readonly seq: number;
  /** Unix milliseconds on the origin's clock. */
  readonly createdAt: number;
  /** The node that may claim by the fast ballot. */
  readonly fast?: NodeId;
  readonly chain: readonly Epoch[];
  readonly decided: Decided;
  readonly started: Readonly<Record<number, Started>>;
  /** How attempts ended that were followed by another. */
  readonly ended: Readonly<Record<number, Outcome>>;
  /** The true end of an attempt, told after the task was closed as lost or skipped. */
  readonly late: Readonly<Record<number, Outcome>>;
  readonly removed: boolean;
  readonly forced: boolean;
  /** The task that this one retries by hand. */
  readonly retryOf?: TaskId;
}
