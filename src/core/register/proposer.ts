import type { NodeId } from "../ids.ts";
import { apply } from "./commands.ts";
import type { AcceptRequest, Ack, Nack, PrepareRequest, Reply } from "./messages.ts";
import type {
  Answers,
  Choice,
  Phase,
  ProposalEffect,
  ProposalEvent,
  ProposalInput,
  ProposalResult,
  ProposalState,
  ProposalStep,
} from "./proposal.ts";
import {
  compareBallots,
  fastBallot,
  quorum,
  type Ballot,
  type Content,
  type Value,
} from "./value.ts";

/**
 * Starts one change (PROTOCOL section 5, `change`): one ballot, never a second one. A node has at
 * most one change of a register under way; what came of it decides what is tried next, and when.
 *
 * The first claim by the node named `fast` needs no promises: its ballot is the lowest, and its
 * value a function of the spec alone, so that it may be repeated even after a restart (F39).
 */
export function startProposal(input: ProposalInput): ProposalStep {
  const { self, boot, roundSeen, contents } = input;
  const phase: Phase = { kind: "preparing", answers: new Map() };
  const value = fastValue(input);
  if (value !== undefined) {
    const ballot = fastBallot(self);
    return vote({ input, ballot, roundSeen, contents, phase }, { value, applied: true });
  }
  const ballot = { round: roundSeen + 1, node: self, boot };
  const state = { input, ballot, roundSeen: ballot.round, contents, phase };
  return [state, sendAll(input, prepareRequest(input, ballot))];
}

/** Takes in what a voter answered, what was fetched, or that the time is over. */
export function stepProposal(state: ProposalState, event: ProposalEvent): ProposalStep {
  switch (event.kind) {
    case "reply":
      return isMeant(state, event.from, event.reply)
        ? takeReply(noteRound(state, event.reply), event.from, event.reply)
        : [state, []];
    case "content":
      return resume(withContent(state, event.content));
    case "timeout":
      return state.phase.kind === "done" ? [state, []] : end(state, failure(state));
  }
}

/** The claim that needs no promises, where this is one. */
function fastValue(input: ProposalInput): Value | undefined {
  const { command, epoch, fast, self, fastAllowed, init, notBefore = 0 } = input;
  const isFirstClaim = command.kind === "claim" && command.by === self && command.rev === 0;
  if (!fastAllowed || !isFirstClaim || epoch !== 0 || fast !== self) return undefined;
  // Gates sit at Prepare, so that what has one takes the full ballot.
  if (notBefore > 0) return undefined;
  // Undefined over a pause, which the full ballot then finds and tells.
  return init === undefined ? undefined : apply(init, command);
}

function prepareRequest(input: ProposalInput, ballot: Ballot): PrepareRequest {
  const { id, epoch, command, notBefore } = input;
  const isLost = command.kind === "retry" && command.outcome.kind === "lost";
  return {
    kind: "prepare",
    id,
    epoch,
    ballot,
    ...(isLost ? { lostAttempt: command.n } : {}),
    ...(notBefore === undefined ? {} : { notBefore }),
  };
}

/** Replies to other ballots are late ones; a refusal for its own promise answers a repeat. */
function isMeant(
  { input, ballot }: ProposalState,
  from: NodeId,
  reply: Reply,
): reply is Exclude<Reply, Ack> {
  if (reply.kind === "ack" || reply.ballot === undefined) return false;
  if (!input.voters.includes(from) || compareBallots(reply.ballot, ballot) !== 0) return false;
  const isRepeat =
    reply.kind === "nack" &&
    reply.promised !== undefined &&
    compareBallots(reply.promised, ballot) === 0;
  return !isRepeat;
}

function noteRound(state: ProposalState, reply: Reply): ProposalState {
  const round = reply.kind === "nack" ? (reply.promised?.round ?? 0) : 0;
  return round > state.roundSeen ? { ...state, roundSeen: round } : state;
}

function takeReply(state: ProposalState, from: NodeId, reply: Exclude<Reply, Ack>): ProposalStep {
  const { phase } = state;
  switch (reply.kind) {
    case "promise": {
      const known = withContent(state, reply.content);
      if (phase.kind !== "preparing") return resume(known);
      const answers = new Map(phase.answers).set(from, reply);
      return weighPromises({ ...known, phase: { ...phase, answers } }, answers);
    }
    case "accepted": {
      if (phase.kind !== "accepting") return [state, []];
      const answers = new Map(phase.answers).set(from, reply);
      return weighVotes({ ...state, phase: { ...phase, answers } }, phase.choice, answers);
    }
    case "nack":
      return takeNack(state, from, reply);
  }
}

/** A refusal never undoes a promise or a vote of the same voter: it answers a repeat. */
function takeNack(state: ProposalState, from: NodeId, nack: Nack): ProposalStep {
  const { phase } = state;
  if (phase.kind !== "preparing" && phase.kind !== "accepting") return [state, []];
  if (phase.answers.has(from)) return [state, []];
  const answers = new Map(phase.answers).set(from, nack);
  const next = { ...state, phase: { ...phase, answers } };
  const { voters } = state.input;
  const possible = voters.length - ofKind(answers, "nack").length;
  return possible < quorum(voters.length) ? end(next, failure(next)) : [next, []];
}

/** With a quorum of promises: the value of the greatest accepted ballot, and the command on it. */
function weighPromises(state: ProposalState, answers: Answers): ProposalStep {
  const promises = ofKind(answers, "promise");
  const [first, ...others] = promises;
  if (first === undefined || promises.length < quorum(state.input.voters.length)) {
    return [state, []];
  }
  const latest = others.reduce(
    (best, reply) => (compareBallots(reply.acceptedBallot, best.acceptedBallot) > 0 ? reply : best),
    first,
  );
  const next = apply(latest.accepted, state.input.command);
  const value = next ?? latest.accepted;
  // A quorum has promised and accepted nothing: EMPTY stood, and no lower ballot can change that.
  if (value === undefined) return end(state, { kind: "empty", roundSeen: state.roundSeen });
  return vote(state, { value, applied: next !== undefined });
}

/** Asks for votes, once the content of the value is here (F26). */
function vote(state: ProposalState, choice: Choice): ProposalStep {
  const { input, ballot, contents } = state;
  const { value } = choice;
  const content = contents.find(({ hash }) => hash === value.specHash);
  if (content === undefined) {
    const fetching = { ...state, phase: { kind: "fetching", choice } as const };
    const isAsked = state.phase.kind === "fetching";
    return [fetching, isAsked ? [] : [{ kind: "need-content", hash: value.specHash }]];
  }
  const { id, epoch } = input;
  const phase: Phase = { kind: "accepting", choice, answers: new Map() };
  const request = { kind: "accept", id, epoch, ballot, value, content } as const;
  return [{ ...state, phase }, sendAll(input, request)];
}

/** Goes on where only content was missing. */
function resume(state: ProposalState): ProposalStep {
  return state.phase.kind === "fetching" ? vote(state, state.phase.choice) : [state, []];
}

function withContent(state: ProposalState, content: Content | undefined): ProposalState {
  if (content === undefined || state.contents.some(({ hash }) => hash === content.hash)) {
    return state;
  }
  return { ...state, contents: [...state.contents, content] };
}

function weighVotes(
  state: ProposalState,
  { value, applied }: Choice,
  answers: Answers,
): ProposalStep {
  const votes = ofKind(answers, "accepted").length;
  if (votes < quorum(state.input.voters.length)) return [state, []];
  const { ballot, roundSeen } = state;
  return end(state, { kind: "decided", value, applied, ballot, roundSeen });
}

/** What can be said without a quorum; after votes were asked for, never that nothing changed. */
function failure({ input, phase, roundSeen }: ProposalState): ProposalResult {
  if (phase.kind !== "preparing" && phase.kind !== "accepting") {
    return { kind: "unknown", roundSeen };
  }
  const needed = quorum(input.voters.length);
  const reasons = ofKind(phase.answers, "nack").map(({ why }) => why);
  const missing = reasons.filter((why) => why === "unknown" || why === "gone");
  if (missing.length >= needed) return { kind: "collected", roundSeen };
  const gates = reasons.filter((why) => why === "early" || why === "leased");
  const withoutGates = gates.length + ofKind(phase.answers, "promise").length;
  const [why] = gates;
  return phase.kind === "preparing" && why !== undefined && withoutGates >= needed
    ? { kind: "refused", why, roundSeen }
    : { kind: "unknown", roundSeen };
}

type Answer = Exclude<Reply, Ack>;

function ofKind<K extends Answer["kind"]>(
  answers: Answers,
  kind: K,
): readonly Extract<Answer, { kind: K }>[] {
  const isOfKind = (reply: Answer): reply is Extract<Answer, { kind: K }> => reply.kind === kind;
  return [...answers.values()].filter(isOfKind);
}

function end(state: ProposalState, result: ProposalResult): ProposalStep {
  return [{ ...state, phase: { kind: "done" } }, [{ kind: "done", result }]];
}

function sendAll(
  { voters }: ProposalInput,
  request: PrepareRequest | AcceptRequest,
): readonly ProposalEffect[] {
  return voters.map((to) => ({ kind: "send", to, request }));
}
