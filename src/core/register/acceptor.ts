import { sameData } from "../compare.ts";
import { assert } from "../errors.ts";
import type { NodeId, TaskId } from "../ids.ts";
import type { TaskSpec } from "../task/spec.ts";
import type { RegisterState } from "./acceptor-state.ts";
import type {
  AcceptRequest,
  CreateRequest,
  Nack,
  NackWhy,
  PrepareRequest,
  Promised,
  Reply,
  Request,
} from "./messages.ts";
import { ballotZero, compareBallots, fastBallot, type Ballot, type Content } from "./value.ts";

/** What a voter knows beside the register that it is asked about. */
export interface AcceptorContext {
  /** Unix milliseconds of this voter's wall clock. */
  readonly now: number;
  /** Present where the register belongs to the key space: it is EMPTY without a Create. */
  readonly keySpace?: KeySpace;
  /** Whether that number was collected here, at whatever epoch. */
  goneHas(origin: NodeId, boot: number, seq: number): boolean;
  /** Whether the lease that this voter gave for (id, n) may still stand (PROTOCOL section 7). */
  leaseMayStand(id: TaskId, n: number): boolean;
  /** The content of that hash, where this voter holds it. */
  contentOf(hash: string): TaskSpec | undefined;
}

/** What an implicit register of the key space takes over from it. */
export type KeySpace = Pick<RegisterState, "voters" | "origin" | "boot" | "seq">;

/**
 * An answer, and what must be synced before it may be sent. One without a state speaks of what was
 * written before, and waits for writes of this register that are still under way.
 */
export interface Answer {
  readonly reply: Reply;
  /** Replaces the register's state. */
  readonly state?: RegisterState;
  /** Stored in the same batch. */
  readonly content?: Content;
}

/** A voter's clock may be behind the proposer's by so much without delaying what is due. */
const clockToleranceMs = 2_000;

/**
 * The acceptor of one register (PROTOCOL section 5): a pure function of what is on disk. Requests
 * about one register must be answered one after the other, each from the state of the one before.
 * `stored` is what the store has under (id, epoch): nothing, a register, or one it can't read.
 * @see Rystsov, "CASPaxos: Replicated State Machines without logs", 2018
 */
export function answer(
  stored: RegisterState | "damaged" | undefined,
  request: Request,
  context: AcceptorContext,
): Answer {
  if (stored === "damaged") return refuse(request, "damaged");
  assert(
    stored === undefined || (stored.id === request.id && stored.epoch === request.epoch),
    `a request for ${request.id}/${request.epoch} was put to another register`,
  );
  if (request.kind === "create") return answerCreate(stored, request, context);
  const state = stored ?? implicitState(request, context.keySpace);
  if (state === undefined) return refuse(request, "unknown");
  return request.kind === "prepare"
    ? answerPrepare(state, request, context)
    : answerAccept(state, request);
}

function answerCreate(
  stored: RegisterState | undefined,
  request: CreateRequest,
  context: AcceptorContext,
): Answer {
  if (stored !== undefined) {
    if (!isRepeated(stored, request)) return refuse(request, "conflict");
    return answerRider(stored, request) ?? { reply: { kind: "ack" } };
  }
  if (context.goneHas(request.origin, request.boot, request.seq)) return refuse(request, "gone");
  const state = newState(request);
  const created: Answer = { reply: { kind: "ack" }, state, content: request.content };
  return { ...created, ...answerRider(state, request) };
}

/** The Accept that rides on a Create, answered as if it had come right after it. */
function answerRider(state: RegisterState, request: CreateRequest): Answer | undefined {
  const { id, epoch, fast, accept, content } = request;
  if (accept === undefined) return undefined;
  const ballot = fast === undefined ? ballotZero : fastBallot(fast);
  return answerAccept(state, { kind: "accept", id, epoch, ballot, value: accept, content });
}

/** The id says nothing of content and voters: a Create that differs in them is another task's. */
function isRepeated(state: RegisterState, request: CreateRequest): boolean {
  return request.epoch === 0
    ? state.init?.specHash === request.init.specHash
    : sameData(state.voters, request.voters);
}

function newState(request: CreateRequest): RegisterState {
  const { id, epoch, voters, origin, boot, seq, init } = request;
  // Past epoch 0 the fast ballot would undo what the epoch started from.
  const fast = epoch === 0 ? request.fast : undefined;
  return {
    id,
    epoch,
    voters,
    ...(fast === undefined ? {} : { fast }),
    origin,
    boot,
    seq,
    init,
    promised: fast === undefined ? ballotZero : fastBallot(fast),
    acceptedBallot: ballotZero,
    accepted: init,
  };
}

function implicitState(
  { id, epoch }: PrepareRequest | AcceptRequest,
  keySpace: KeySpace | undefined,
): RegisterState | undefined {
  if (keySpace === undefined) return undefined;
  const { voters, origin, boot, seq } = keySpace;
  const [promised, acceptedBallot] = [ballotZero, ballotZero];
  return { id, epoch, voters, origin, boot, seq, promised, acceptedBallot };
}

function answerPrepare(
  state: RegisterState,
  request: PrepareRequest,
  context: AcceptorContext,
): Answer {
  const { ballot, notBefore, lostAttempt } = request;
  if (compareBallots(ballot, state.promised) <= 0) {
    return refuse(request, "promised", state.promised);
  }
  if (notBefore !== undefined && context.now < notBefore - clockToleranceMs) {
    return refuse(request, "early");
  }
  // The lease alone is looked at, whatever value this voter has accepted since it gave it (F41).
  if (lostAttempt !== undefined && context.leaseMayStand(state.id, lostAttempt)) {
    return refuse(request, "leased");
  }
  return {
    reply: promise(state, ballot, context),
    state: { ...state, promised: ballot, ...givenAway(state, lostAttempt) },
  };
}

/** The greatest attempt counts: a late retry of an older one must not give a lease back (F33). */
function givenAway(state: RegisterState, lostAttempt: number | undefined): { gave?: number } {
  return lostAttempt === undefined ? {} : { gave: Math.max(state.gave ?? 0, lostAttempt) };
}

function promise(state: RegisterState, ballot: Ballot, context: AcceptorContext): Promised {
  const { acceptedBallot, accepted } = state;
  if (accepted === undefined) return { kind: "promise", ballot, acceptedBallot };
  const spec = context.contentOf(accepted.specHash);
  const content = spec === undefined ? {} : { content: { hash: accepted.specHash, spec } };
  return { kind: "promise", ballot, acceptedBallot, accepted, ...content };
}

function answerAccept(state: RegisterState, request: AcceptRequest): Answer {
  const { ballot, value, content } = request;
  if (ballot.round === 0 && !isFast(state, ballot)) return refuse(request, "notfast");
  if (compareBallots(ballot, state.promised) < 0) {
    return refuse(request, "promised", state.promised);
  }
  if (compareBallots(ballot, state.acceptedBallot) === 0) {
    // A repeated vote is the same vote (F17); a second value at one ballot never is (F39).
    return sameData(value, state.accepted)
      ? { reply: { kind: "accepted", ballot } }
      : refuse(request, "conflict");
  }
  return {
    reply: { kind: "accepted", ballot },
    state: { ...state, promised: ballot, acceptedBallot: ballot, accepted: value },
    content,
  };
}

function isFast({ fast }: RegisterState, ballot: Ballot): boolean {
  return fast !== undefined && compareBallots(ballot, fastBallot(fast)) === 0;
}

function refuse(request: Request, why: NackWhy, promised?: Ballot): { readonly reply: Nack } {
  const ballot = request.kind === "create" ? {} : { ballot: request.ballot };
  const exceeded = promised === undefined ? {} : { promised };
  return { reply: { kind: "nack", why, ...ballot, ...exceeded } };
}
