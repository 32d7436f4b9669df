/**
 * Goal: a voter answers as PROTOCOL section 5 says, and changes nothing that it does not say.
 * Method: each rule is one request put to one stored state; flaws go by their numbers.
 */
import { describe, expect, it } from "vitest";

import type { RegisterState } from "../../../../src/core/register/acceptor-state.ts";
import { answer, type AcceptorContext } from "../../../../src/core/register/acceptor.ts";
import type {
  AcceptRequest,
  CreateRequest,
  PrepareRequest,
} from "../../../../src/core/register/messages.ts";
import {
  ballotZero,
  fastBallot,
  initialValue,
  type Ballot,
  type Value,
} from "../../../../src/core/register/value.ts";
import {
  ada,
  ballot,
  ben,
  claimed,
  content,
  contentOf,
  cyd,
  dan,
  fresh,
  id,
  noon,
  open,
} from "../../../support/values.ts";

const voters = [ada, ben, cyd];

const context: AcceptorContext = {
  now: noon,
  goneHas: () => false,
  leaseMayStand: () => false,
  contentOf: (hash) => contentOf(hash).spec,
};

function create(fields: Partial<CreateRequest> = {}): CreateRequest {
  const place = { id, epoch: 0, origin: ada, boot: 4, seq: 9, voters, fast: ben };
  return { kind: "create", ...place, init: fresh, content, ...fields };
}

function prepare(at: Ballot, fields: Partial<PrepareRequest> = {}): PrepareRequest {
  return { kind: "prepare", id, epoch: 0, ballot: at, ...fields };
}

function accept(at: Ballot, value: Value, fields: Partial<AcceptRequest> = {}): AcceptRequest {
  const named = contentOf(value.specHash);
  return { kind: "accept", id, epoch: 0, ballot: at, value, content: named, ...fields };
}

const register: RegisterState = {
  id,
  epoch: 0,
  voters,
  fast: ben,
  origin: ada,
  boot: 4,
  seq: 9,
  init: fresh,
  promised: fastBallot(ben),
  acceptedBallot: ballotZero,
  accepted: fresh,
};

const firstClaim = claimed({ seq: 1, n: 1, rev: 0, ops: [], owner: ben });

describe("Create", () => {
  it("makes the register, with the fast ballot promised", () => {
    expect(answer(undefined, create(), context)).toEqual({
      reply: { kind: "ack" },
      state: register,
      content,
    });
  });

  it("makes one without a fast node that promises nothing", () => {
    const { fast: _fast, ...slow } = create();
    const { state } = answer(undefined, slow, context);
    expect(state).toMatchObject({ promised: ballotZero });
    expect(state).not.toHaveProperty("fast");
  });

  it("is acknowledged again without a write, whatever was accepted since", () => {
    const later = { ...register, promised: ballot(5), acceptedBallot: ballot(5), accepted: open() };
    expect(answer(later, create(), context)).toEqual({ reply: { kind: "ack" } });
  });

  it("of other content under the same id is a conflict", () => {
    const other = create({ init: initialValue("other"), content: contentOf("other") });
    expect(answer(register, other, context)).toEqual({ reply: { kind: "nack", why: "conflict" } });
  });

  it("at a later epoch conflicts by its voters, not by its content", () => {
    const later = { ...register, epoch: 1, init: open() };
    const again = create({ epoch: 1, init: open({ specHash: "other" }) });
    expect(answer(later, again, context).reply).toEqual({ kind: "ack" });
    const elsewhere = create({ epoch: 1, voters: [ada, ben, dan] });
    expect(answer(later, elsewhere, context).reply).toMatchObject({ why: "conflict" });
  });

  it("at a later epoch knows no fast node: its ballot would undo what was carried", () => {
    const { state } = answer(undefined, create({ epoch: 1, init: claimed() }), context);
    expect(state).toMatchObject({ promised: ballotZero, accepted: claimed() });
    expect(state).not.toHaveProperty("fast");
    const late = accept(fastBallot(ben), firstClaim, { epoch: 1 });
    expect(answer(state, late, context).reply).toMatchObject({ why: "notfast" });
  });

  it("of a collected number is refused, at every epoch (F4, F35)", () => {
    const here: AcceptorContext = {
      ...context,
      goneHas: (origin, boot, seq) => origin === ada && boot === 4 && seq === 9,
    };
    for (const epoch of [0, 1, 7]) {
      expect(answer(undefined, create({ epoch }), here)).toEqual({
        reply: { kind: "nack", why: "gone" },
      });
    }
    expect(answer(undefined, create({ seq: 8 }), here).reply).toEqual({ kind: "ack" });
    expect(answer(undefined, create({ boot: 3 }), here).reply).toEqual({ kind: "ack" });
  });

  it("that is here is not gone, whatever the numbers say", () => {
    const here = { ...context, goneHas: () => true };
    expect(answer(register, create(), here).reply).toEqual({ kind: "ack" });
  });
});

describe("an Accept that rides on a Create", () => {
  const riding = create({ accept: firstClaim });
  const voted = { ...register, acceptedBallot: fastBallot(ben), accepted: firstClaim };

  it("makes the register and the vote in one write", () => {
    expect(answer(undefined, riding, context)).toEqual({
      reply: { kind: "accepted", ballot: fastBallot(ben) },
      state: voted,
      content,
    });
  });

  it("may be repeated without a write", () => {
    expect(answer(voted, riding, context)).toEqual({
      reply: { kind: "accepted", ballot: fastBallot(ben) },
    });
  });

  it("comes late to a register that promised a higher ballot", () => {
    const promised = { ...register, promised: ballot(1, cyd) };
    expect(answer(promised, riding, context)).toEqual({
      reply: { kind: "nack", why: "promised", ballot: fastBallot(ben), promised: ballot(1, cyd) },
    });
  });

  it("is refused without a fast node, and leaves the register", () => {
    const { fast: _fast, ...slow } = riding;
    const { reply, state } = answer(undefined, slow, context);
    expect(reply).toMatchObject({ kind: "nack", why: "notfast" });
    expect(state).toMatchObject({ acceptedBallot: ballotZero, accepted: fresh });
  });

  it("is not looked at where the Create is refused", () => {
    const here = { ...context, goneHas: () => true };
    expect(answer(undefined, riding, here)).toEqual({ reply: { kind: "nack", why: "gone" } });
  });
});

describe("Prepare", () => {
  it("of an absent register is unknown, never empty (F3)", () => {
    expect(answer(undefined, prepare(ballot(1)), context)).toEqual({
      reply: { kind: "nack", why: "unknown", ballot: ballot(1) },
    });
  });

  it("promises a higher ballot, and tells what was accepted with its content", () => {
    const later = { ...register, acceptedBallot: ballot(2), promised: ballot(3), accepted: open() };
    expect(answer(later, prepare(ballot(3, ben)), context)).toEqual({
      reply: {
        kind: "promise",
        ballot: ballot(3, ben),
        acceptedBallot: ballot(2),
        accepted: open(),
        content,
      },
      state: { ...later, promised: ballot(3, ben) },
    });
  });

  it("leaves content out that this voter can't read", () => {
    const blind = { ...context, contentOf: () => undefined };
    expect(answer(register, prepare(ballot(1)), blind).reply).not.toHaveProperty("content");
  });

  it("refuses a ballot that is not above the promised one, which also a repeat is", () => {
    const promised = { ...register, promised: ballot(3, ben, 2) };
    for (const low of [
      ballot(3, ben, 2),
      ballot(3, ben, 1),
      ballot(3, ada, 9),
      ballot(2, cyd, 9),
    ]) {
      expect(answer(promised, prepare(low), context)).toEqual({
        reply: { kind: "nack", why: "promised", ballot: low, promised: ballot(3, ben, 2) },
      });
    }
  });

  it("waits for the gate on time, but for two seconds", () => {
    const gated = prepare(ballot(1), { notBefore: noon });
    expect(answer(register, gated, { ...context, now: noon - 2_001 })).toEqual({
      reply: { kind: "nack", why: "early", ballot: ballot(1) },
    });
    expect(answer(register, gated, { ...context, now: noon - 2_000 }).reply.kind).toBe("promise");
  });

  it("refuses retry(n, lost) while the lease of n may stand, whatever it accepted (F41)", () => {
    const leased = { ...context, leaseMayStand: (_: string, n: number) => n === 2 };
    const retry = prepare(ballot(4), { lostAttempt: 2 });
    for (const accepted of [fresh, claimed(), open(), claimed({ n: 3 })]) {
      expect(answer({ ...register, accepted }, retry, leased)).toEqual({
        reply: { kind: "nack", why: "leased", ballot: ballot(4) },
      });
    }
    expect(answer(register, prepare(ballot(4)), leased).reply.kind).toBe("promise");
  });

  it("marks the lease that it gave away, and never takes it back (F33)", () => {
    const first = answer(register, prepare(ballot(4), { lostAttempt: 2 }), context).state;
    expect(first).toMatchObject({ gave: 2, promised: ballot(4) });
    const stale = answer(first, prepare(ballot(5), { lostAttempt: 1 }), context).state;
    expect(stale).toMatchObject({ gave: 2, promised: ballot(5) });
    const vote = answer(stale, accept(ballot(5), claimed({ n: 3 })), context).state;
    expect(vote).toMatchObject({ gave: 2 });
  });
});

describe("Accept", () => {
  it("of an absent register is unknown, never empty (F3)", () => {
    expect(answer(undefined, accept(ballot(1), firstClaim), context)).toEqual({
      reply: { kind: "nack", why: "unknown", ballot: ballot(1) },
    });
  });

  it("takes the value and its content at the promised ballot or above", () => {
    const promised = { ...register, promised: ballot(3) };
    const edited = open({ specHash: "second" });
    for (const at of [ballot(3), ballot(3, cyd), ballot(9)]) {
      expect(answer(promised, accept(at, edited), context)).toEqual({
        reply: { kind: "accepted", ballot: at },
        state: { ...register, promised: at, acceptedBallot: at, accepted: edited },
        content: contentOf("second"),
      });
    }
  });

  it("refuses a ballot below the promised one", () => {
    const promised = { ...register, promised: ballot(3) };
    expect(answer(promised, accept(ballot(2, cyd), open()), context)).toEqual({
      reply: { kind: "nack", why: "promised", ballot: ballot(2, cyd), promised: ballot(3) },
    });
  });

  it("has no gate on time: what has passed its gate stays repairable (F34)", () => {
    const early = { ...context, now: 0, leaseMayStand: () => true };
    expect(answer(register, accept(ballot(1), firstClaim), early).reply.kind).toBe("accepted");
  });

  it("takes round 0 from the fast node alone, and only its one ballot (F1)", () => {
    expect(answer(register, accept(fastBallot(ben), firstClaim), context).reply.kind).toBe(
      "accepted",
    );
    for (const other of [fastBallot(cyd), ballot(0, ben, 1), ballotZero]) {
      expect(answer(register, accept(other, firstClaim), context).reply).toMatchObject({
        why: "notfast",
      });
    }
    const { fast: _fast, ...slow } = { ...register, promised: ballotZero };
    expect(answer(slow, accept(fastBallot(ben), firstClaim), context).reply).toMatchObject({
      why: "notfast",
    });
  });

  it("takes the fast ballot no more once another was promised", () => {
    const promised = answer(register, prepare(ballot(1, cyd)), context).state;
    expect(answer(promised, accept(fastBallot(ben), firstClaim), context).reply).toMatchObject({
      why: "promised",
    });
  });

  it("says yes to a repeated vote without a write (F17)", () => {
    const first = answer(register, accept(ballot(2), open()), context).state;
    expect(answer(first, accept(ballot(2), { ...open() }), context)).toEqual({
      reply: { kind: "accepted", ballot: ballot(2) },
    });
  });

  it("never takes a second value at one ballot (F39)", () => {
    const first = answer(register, accept(fastBallot(ben), firstClaim), context).state;
    const other = accept(fastBallot(ben), { ...firstClaim, ops: ["boot 2"] });
    expect(answer(first, other, context)).toEqual({
      reply: { kind: "nack", why: "conflict", ballot: fastBallot(ben) },
    });
  });
});

describe("a register of the key space", () => {
  const keySpace = { voters, origin: dan, boot: 1, seq: 1 };
  const keyed = { ...context, keySpace };

  it("is EMPTY without a Create, and promises and votes from there", () => {
    const { reply, state } = answer(undefined, prepare(ballot(1)), keyed);
    expect(reply).toEqual({ kind: "promise", ballot: ballot(1), acceptedBallot: ballotZero });
    expect(state).toEqual({
      id,
      epoch: 0,
      ...keySpace,
      promised: ballot(1),
      acceptedBallot: ballotZero,
    });
    expect(answer(undefined, accept(ballot(1), fresh), keyed).reply.kind).toBe("accepted");
  });

  it("has no fast ballot", () => {
    expect(answer(undefined, accept(fastBallot(ada), firstClaim), keyed).reply).toMatchObject({
      why: "notfast",
    });
  });
});

describe("a damaged register", () => {
  it("says so to everything, and never that it is unknown", () => {
    for (const request of [create(), prepare(ballot(1)), accept(ballot(1), fresh)]) {
      expect(answer("damaged", request, context)).toMatchObject({
        reply: { kind: "nack", why: "damaged" },
      });
    }
  });
});

describe("a mixed-up request", () => {
  it("is a fault of ours", () => {
    expect(() => answer(register, prepare(ballot(1), { epoch: 1 }), context)).toThrow(
      /another register/,
    );
  });
});
