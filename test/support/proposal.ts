import type { Command } from "../../src/core/register/commands.ts";
import type { NackWhy, Promised, Reply } from "../../src/core/register/messages.ts";
import type {
  ProposalEffect,
  ProposalEvent,
  ProposalInput,
  ProposalState,
} from "../../src/core/register/proposal.ts";
import { startProposal, stepProposal } from "../../src/core/register/proposer.ts";
import { ballotZero, type Ballot, type Value } from "../../src/core/register/value.ts";
import { ada, ballot, ben, claimed, content, cyd, fresh, id } from "./values.ts";

/** A proposal by ada among three voters, stepped by hand. */

export const voters = [ada, ben, cyd];
export const own = ballot(5, ada, 3);
export const claim: Command = { kind: "claim", by: ada, rev: 0 };
export const firstClaim = claimed({ seq: 1, n: 1, rev: 0, ops: [] });

export function input(fields: Partial<ProposalInput> = {}): ProposalInput {
  return {
    id,
    epoch: 0,
    voters,
    init: fresh,
    self: ada,
    boot: 3,
    command: claim,
    roundSeen: 4,
    fastAllowed: false,
    contents: [content],
    ...fields,
  };
}

export function promise(fields: Partial<Promised> = {}): Promised {
  const nothing = { ballot: own, acceptedBallot: ballotZero, accepted: fresh };
  return { kind: "promise", ...nothing, content, ...fields };
}

export const accepted: Reply = { kind: "accepted", ballot: own };

export function nack(why: NackWhy, promised?: Ballot): Reply {
  return { kind: "nack", why, ballot: own, ...(promised === undefined ? {} : { promised }) };
}

/** Feeds events in, and returns the effects of each step, the start first. */
export function drive(
  from: ProposalInput,
  ...events: readonly ProposalEvent[]
): ProposalEffect[][] {
  let [state, effects]: readonly [ProposalState, readonly ProposalEffect[]] = startProposal(from);
  const all = [[...effects]];
  for (const event of events) {
    [state, effects] = stepProposal(state, event);
    all.push([...effects]);
  }
  return all;
}

export function by(from: typeof ada, reply: Reply): ProposalEvent {
  return { kind: "reply", from, reply };
}

export const timeout: ProposalEvent = { kind: "timeout" };

export function resultOf(steps: readonly ProposalEffect[][]): unknown {
  const last = steps.at(-1)?.[0];
  return last?.kind === "done" ? last.result : undefined;
}

export function votedFor(step: readonly ProposalEffect[] | undefined): Value | undefined {
  const [effect] = step ?? [];
  return effect?.kind === "send" && effect.request.kind === "accept"
    ? effect.request.value
    : undefined;
}
