import type { NodeId, TaskId } from "../ids.ts";
import type { Command } from "./commands.ts";
import type { Accepted, AcceptRequest, Nack, PrepareRequest, Promised, Reply } from "./messages.ts";
import type { Ballot, Content, Value } from "./value.ts";

/** One change of one register. */
export interface ProposalInput {
  readonly id: TaskId;
  /** Last of the chain, with its voters. */
  readonly epoch: number;
  readonly voters: readonly NodeId[];
  readonly fast?: NodeId;
  /** What the epoch starts from; absent in the key space. */
  readonly init?: Value;
  readonly self: NodeId;
  readonly boot: number;
  readonly command: Command;
  /** The greatest round that this node has seen or used for this register. */
  readonly roundSeen: number;
  /** Unix milliseconds that a majority of the voters' clocks must have come to; 0 is no gate. */
  readonly notBefore?: number;
  /** This node has tried no other ballot on this register since it started. */
  readonly fastAllowed: boolean;
  /** Content that this node holds: of the value that is expected, and what an edit brings. */
  readonly contents: readonly Content[];
}

/** What a proposal is stepped with. */
export type ProposalEvent =
  | { readonly kind: "reply"; readonly from: NodeId; readonly reply: Reply }
  /** Answer to `need-content`. */
  | { readonly kind: "content"; readonly content: Content }
  /** Whoever has not answered will not. */
  | { readonly kind: "timeout" };

/** What a proposal wants done; the caller does it, in this order. */
export type ProposalEffect =
  | {
      readonly kind: "send";
      readonly to: NodeId;
      readonly request: PrepareRequest | AcceptRequest;
    }
  /** The value to be voted on names content that is not here: fetch it, then step with it. */
  | { readonly kind: "need-content"; readonly hash: string }
  | { readonly kind: "done"; readonly result: ProposalResult };

/** How a change ended. `roundSeen` is where the next one about this register must start from. */
export type ProposalResult =
  /** q(V) hold `value`. `applied` is false where the command was rejected and `value` stands. */
  | {
      readonly kind: "decided";
      readonly value: Value;
      readonly applied: boolean;
      readonly ballot: Ballot;
      readonly roundSeen: number;
    }
  /** Nothing was ever decided in this register of the key space, and the command needs a value. */
  | { readonly kind: "empty"; readonly roundSeen: number }
  /** Fewer than q(V) answered: it may be decided or not. Assume nothing, `read` it later. */
  | { readonly kind: "unknown"; readonly roundSeen: number }
  /** q(V) no longer have it: the task was collected. */
  | { readonly kind: "collected"; readonly roundSeen: number }
  /** A gate kept q(V) from promising: nothing was changed, and later it may pass. */
  | { readonly kind: "refused"; readonly why: "early" | "leased"; readonly roundSeen: number };

/** A value to be voted on, and whether the command made it. */
export interface Choice {
  readonly value: Value;
  readonly applied: boolean;
}

/** The last that counts of each voter in this phase, so that a repeated answer counts once. */
export type Answers = ReadonlyMap<NodeId, Promised | Accepted | Nack>;

/** Where a proposal stands. */
export type Phase =
  | { readonly kind: "preparing"; readonly answers: Answers }
  | { readonly kind: "fetching"; readonly choice: Choice }
  | { readonly kind: "accepting"; readonly choice: Choice; readonly answers: Answers }
  | { readonly kind: "done" };

/** Opaque to callers: step it, never look into it. */
export interface ProposalState {
  readonly input: ProposalInput;
  readonly ballot: Ballot;
  readonly roundSeen: number;
  readonly contents: readonly Content[];
  readonly phase: Phase;
}

/** What a step leaves and wants done. */
export type ProposalStep = readonly [state: ProposalState, effects: readonly ProposalEffect[]];
