import { sameData } from "../../../src/core/compare.ts";
import type { NodeId, TaskId } from "../../../src/core/ids.ts";
import type { RegisterState } from "../../../src/core/register/acceptor-state.ts";
import {
  compareBallots,
  quorum,
  type Ballot,
  type Value,
} from "../../../src/core/register/value.ts";

/** What a simulation throws when an invariant of PROTOCOL section 11 is broken. */
export class Violation extends Error {}

/** What was done in one life of the cluster. */
export interface Counts {
  readonly decided: number;
  readonly starts: number;
  readonly moves: number;
  /** The same for two lives only where every vote reached the same disk in the same order. */
  readonly trace: number;
}

interface Decision {
  readonly ballot: Ballot;
  readonly value: Value;
}

/**
 * Sees everything that nodes can't see: every vote as it reaches a disk. Knows from that alone what
 * is decided, and holds all that nodes do and say against it.
 */
export interface Oracle {
  /** A vote was cast, on disk or not. */
  voted(state: RegisterState): void;
  /** A register reached a node's disk. */
  stored(node: NodeId, state: RegisterState): void;
  /** A proposer says that this is decided. */
  told(id: TaskId, epoch: number, ballot: Ballot, value: Value): void;
  /** A proposer says that the task was collected. */
  saidCollected(id: TaskId): void;
  /** The attempt's command is started. */
  started(node: NodeId, id: TaskId, attempt: number): void;
  counts(): Counts;
}

export function createOracle(isUnsafe: (id: TaskId) => boolean): Oracle {
  const values = new Map<string, Value>();
  const votes = new Map<string, Set<NodeId>>();
  const decisions = new Map<string, Decision[]>();
  const owners = new Map<string, NodeId>();
  const starts = new Map<TaskId, string[]>();
  const closed = new Set<TaskId>();
  let decided = 0;
  let moves = 0;
  let trace = 0;

  function voted({ id, epoch, fast, acceptedBallot, accepted }: RegisterState): void {
    if (accepted === undefined || isZero(acceptedBallot)) return;
    const key = placeOf(id, epoch, acceptedBallot);
    const known = values.get(key);
    if (known !== undefined && !sameData(known, accepted)) {
      fail("two values at one ballot", key, known, accepted);
    }
    values.set(key, accepted);
    if (acceptedBallot.round === 0 && acceptedBallot.node !== fast) {
      fail("a stranger used the fast ballot", key, acceptedBallot, fast);
    }
  }

  function stored(node: NodeId, state: RegisterState): void {
    const { id, epoch, voters, acceptedBallot, accepted } = state;
    if (accepted === undefined || isZero(acceptedBallot)) return;
    const key = placeOf(id, epoch, acceptedBallot);
    trace = mixed(trace, `${node} ${key}`);
    const voices = votes.get(key) ?? new Set();
    if (voices.has(node)) return;
    votes.set(key, voices.add(node));
    if (voices.size === quorum(voters.length)) decide(id, epoch, acceptedBallot, accepted);
  }

  function decide(id: TaskId, epoch: number, ballot: Ballot, value: Value): void {
    decided += 1;
    const place = `${id}/${epoch}`;
    const earlier = decisions.get(place) ?? [];
    for (const other of earlier) checkOrder(place, other, { ballot, value });
    decisions.set(place, [...earlier, { ballot, value }]);
    if (value.phase === "CLAIMED") {
      const attempt = `${id}/${value.n}`;
      const owner = owners.get(attempt) ?? value.owner;
      if (owner !== value.owner) fail("two owners of one attempt", attempt, owner, value.owner);
      owners.set(attempt, owner);
    }
    if (value.phase === "CLOSED") closed.add(id);
    if (value.phase === "MOVED") moves += 1;
  }

  return {
    voted,
    stored,
    told(id, epoch, ballot, value) {
      const known = (decisions.get(`${id}/${epoch}`) ?? []).find(
        (decision) => compareBallots(decision.ballot, ballot) === 0,
      );
      if (known === undefined) fail("told before a majority has it on disk", id, ballot, value);
      if (!sameData(known.value, value)) fail("told another value", id, known.value, value);
    },
    saidCollected(id) {
      if (!closed.has(id)) fail("called collected while it was open", id);
    },
    started(node, id, attempt) {
      const name = `${id}/${attempt}`;
      if (owners.get(name) !== node) fail("started without a decided claim", name, node);
      const names = [...(starts.get(id) ?? []), name];
      starts.set(id, names);
      if (new Set(names).size < names.length) fail("one attempt was started twice", names);
      if (isUnsafe(id) && names.length > 1) fail("an unsafe task was started twice", names);
    },
    counts: () => ({
      decided,
      moves,
      trace,
      starts: [...starts.values()].reduce((sum, names) => sum + names.length, 0),
    }),
  };
}

/** Decided values form one chain: with ballots rises seq, and nothing follows an end. */
function checkOrder(place: string, one: Decision, other: Decision): void {
  const [first, second] =
    compareBallots(one.ballot, other.ballot) < 0 ? [one, other] : [other, one];
  if (sameData(first.value, second.value)) return;
  const { phase, seq } = first.value;
  if (phase === "MOVED" || phase === "CLOSED") {
    fail(`decided after ${phase}`, place, first, second);
  }
  if (second.value.seq <= seq) fail("two histories", place, first, second);
}

/** FNV-1a, over text. */
function mixed(hash: number, text: string): number {
  let next = hash;
  for (let index = 0; index < text.length; index += 1) {
    next = Math.imul(next ^ text.charCodeAt(index), 0x0100_0193);
  }
  return next;
}

function isZero({ round, node }: Ballot): boolean {
  return round === 0 && node === "";
}

function placeOf(id: TaskId, epoch: number, { round, node, boot }: Ballot): string {
  return `${id}/${epoch}@${round}.${node}.${boot}`;
}

function fail(sentence: string, ...facts: readonly unknown[]): never {
  throw new Violation(`${sentence}: ${facts.map((fact) => JSON.stringify(fact)).join(", ")}`);
}
