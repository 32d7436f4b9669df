import type { NodeId, TaskId } from "../ids.ts";
import type { Ballot, Content, Value } from "./value.ts";

/** What a proposer, or the creator of a task, asks of one voter about one register. */
export type Request = CreateRequest | PrepareRequest | AcceptRequest;

/** Makes the register at `epoch`; may be repeated. Tentative until q(V) voters said Ack. */
export interface CreateRequest {
  readonly kind: "create";
  readonly id: TaskId;
  readonly epoch: number;
  readonly origin: NodeId;
  readonly boot: number;
  readonly seq: number;
  readonly voters: readonly NodeId[];
  /** Only means something at epoch 0: a later epoch starts from a claim or a second attempt. */
  readonly fast?: NodeId;
  readonly init: Value;
  /** What `init` names. */
  readonly content: Content;
  /** An Accept of this value at the fast ballot, riding along where the origin itself is `fast`. */
  readonly accept?: Value;
}

/** Asks for a promise. All gates on time sit here, none at Accept (PROTOCOL F34). */
export interface PrepareRequest {
  readonly kind: "prepare";
  readonly id: TaskId;
  readonly epoch: number;
  readonly ballot: Ballot;
  /** The attempt n of a `retry(n, lost)`: the voter's lease of it must be over. */
  readonly lostAttempt?: number;
  /** Unix milliseconds that the voter's clock must have come to, but for 2 s. */
  readonly notBefore?: number;
}

/** Asks for a vote. */
export interface AcceptRequest {
  readonly kind: "accept";
  readonly id: TaskId;
  readonly epoch: number;
  readonly ballot: Ballot;
  readonly value: Value;
  /** What `value` names: whoever holds a value holds its content (F26). */
  readonly content: Content;
}

/** A voter's answer. Sent only once everything that it depends on is synced. */
export type Reply = Ack | Nack | Promised | Accepted;

/** The register is there. */
export interface Ack {
  readonly kind: "ack";
}

/**
 * - `conflict`: something else stands under this id, or another value was accepted at this ballot
 * - `gone`: collected here, never to be created again
 * - `unknown`: no such register here
 * - `promised`: a higher ballot was promised
 * - `notfast`: a ballot of round 0 that is not that of the register's `fast`
 * - `early`: this voter's clock has not come to the gate
 * - `leased`: the lease of the attempt may still stand here
 * - `damaged`: the register is here and can't be read
 */
export type NackWhy =
  | "conflict"
  | "gone"
  | "unknown"
  | "promised"
  | "notfast"
  | "early"
  | "leased"
  | "damaged";

/** A refusal; nothing was changed by the request, except that a riding Accept leaves its Create. */
export interface Nack {
  readonly kind: "nack";
  readonly why: NackWhy;
  /** The ballot that was refused; absent where a Create was. */
  readonly ballot?: Ballot;
  /** With `promised`: the ballot to be exceeded. */
  readonly promised?: Ballot;
}

/** No lower ballot will be accepted here; and what has been. */
export interface Promised {
  readonly kind: "promise";
  readonly ballot: Ballot;
  readonly acceptedBallot: Ballot;
  /** Absent while EMPTY. */
  readonly accepted?: Value;
  /** What `accepted` names; absent where it is EMPTY, or can't be read here. */
  readonly content?: Content;
}

/** This voter's vote for the value of that ballot is on its disk. */
export interface Accepted {
  readonly kind: "accepted";
  readonly ballot: Ballot;
}
