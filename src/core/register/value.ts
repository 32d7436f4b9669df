import type { NodeId } from "../ids.ts";
import type { TaskSpec } from "../task/spec.ts";

/** A proposal number: (round, node, boot), compared in that order (CASPaxos, Rystsov 2018). */
export interface Ballot {
  readonly round: number;
  readonly node: NodeId | "";
  readonly boot: number;
}

/** Below every ballot that anybody proposes. */
export const ballotZero: Ballot = { round: 0, node: "", boot: 0 };

/** The one ballot of round 0 that a register allows: that of the node named `fast` in it. */
export function fastBallot(fast: NodeId): Ballot {
  return { round: 0, node: fast, boot: 0 };
}

/** Negative, zero or positive as `a` is below, equal to or above `b`. */
export function compareBallots(a: Ballot, b: Ballot): number {
  if (a.round !== b.round) return a.round - b.round;
  if (a.node !== b.node) return a.node < b.node ? -1 : 1;
  return a.boot - b.boot;
}

/** Votes that decide among `voterCount` voters. */
export function quorum(voterCount: number): number {
  return Math.floor(voterCount / 2) + 1;
}

/** How an attempt, or a task, ended. */
export type OutcomeKind = "success" | "error" | "timedout" | "stopped" | "lost";

/** An end, with what is known of it. */
export interface Outcome {
  readonly kind: OutcomeKind;
  /** Unix milliseconds on the owner's clock. */
  readonly at: number;
  /** The command's exit code, where it exited by itself. */
  readonly exitCode?: number;
  /** The signal's name (`SIGKILL`), where a signal ended it. */
  readonly signal?: string;
  /** For people: why, where code and signal do not say it. */
  readonly reason?: string;
}

/** Why a register is closed. */
export type ClosedWhy = "done" | "cancelled" | "expired" | "lost" | "skipped";

/** What a register holds. `seq` grows by one with every accepted command. */
export type Value = OpenValue | ClaimedValue | ClosedValue | MovedValue;

interface ValueBase {
  readonly seq: number;
  /** Attempts so far. */
  readonly n: number;
  /** Revision of the content; an edit adds one. */
  readonly rev: number;
  /** The content: `specHash` of a spec. */
  readonly specHash: string;
  /** The last edits, newest last: an edit whose fate is unknown is judged by its presence here. */
  readonly ops: readonly string[];
}

/** Waits for a claim. */
export interface OpenValue extends ValueBase {
  readonly phase: "OPEN";
  readonly paused: boolean;
  /** Set by a retry: unix milliseconds before which the next attempt is not claimed. */
  readonly notBefore?: number;
}

/** Attempt `n` belongs to `owner`. */
export interface ClaimedValue extends ValueBase {
  readonly phase: "CLAIMED";
  readonly owner: NodeId;
  /** A cancel was decided: the owner ends the attempt, and no other follows. */
  readonly stop: boolean;
}

/** Over, for good. */
export interface ClosedValue extends ValueBase {
  readonly phase: "CLOSED";
  readonly why: ClosedWhy;
  readonly outcome?: Outcome;
  /** The owner of the last attempt, where there was one. */
  readonly owner?: NodeId;
}

/** Goes on at the next epoch, with other voters, from `carry`. */
export interface MovedValue extends ValueBase {
  readonly phase: "MOVED";
  readonly to: readonly NodeId[];
  readonly carry: OpenValue | ClaimedValue;
}

/** The value that every register of `spec` starts from: a pure function of the content. */
export function initialValue(contentHash: string): OpenValue {
  return { phase: "OPEN", paused: false, seq: 0, n: 0, rev: 0, specHash: contentHash, ops: [] };
}

/** A value together with the content it names, as votes carry it. */
export interface Content {
  readonly hash: string;
  readonly spec: TaskSpec;
}
