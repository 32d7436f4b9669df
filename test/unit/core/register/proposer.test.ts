/**
 * Goal: one change, as its proposer drives it: what it sends, concludes, never assumes.
 * Method: the machine is stepped by hand with answers of three voters; only effects are looked at.
 */
import { describe, expect, it } from "vitest";

import type { Reply } from "../../../../src/core/register/messages.ts";
import type { ProposalInput } from "../../../../src/core/register/proposal.ts";
import { fastBallot, type Outcome } from "../../../../src/core/register/value.ts";
import {
  accepted,
  by,
  drive,
  firstClaim,
  input,
  nack,
  own,
  promise,
  resultOf,
  timeout,
  voters,
  votedFor,
} from "../../../support/proposal.ts";
import {
  ada,
  ballot,
  ben,
  claimed,
  closed,
  content,
  cyd,
  dan,
  fresh,
  id,
  noon,
  open,
} from "../../../support/values.ts";

describe("a change by the full ballot", () => {
  it("asks all voters for a promise, one round above the greatest seen", () => {
    const request = { kind: "prepare", id, epoch: 0, ballot: own };
    expect(drive(input())).toEqual([voters.map((to) => ({ kind: "send", to, request }))]);
  });

  it("asks all voters for votes once a quorum has promised, and is decided by a quorum", () => {
    const steps = drive(
      input(),
      by(cyd, promise()),
      by(ben, promise()),
      by(ada, accepted),
      by(cyd, accepted),
    );
    const request = { kind: "accept", id, epoch: 0, ballot: own, value: firstClaim, content };
    expect(steps.slice(1)).toEqual([
      [],
      voters.map((to) => ({ kind: "send", to, request })),
      [],
      [
        {
          kind: "done",
          result: {
            kind: "decided",
            value: firstClaim,
            applied: true,
            ballot: own,
            roundSeen: 5,
          },
        },
      ],
    ]);
  });

  it("is decided alone where it is the only voter", () => {
    const steps = drive(input({ voters: [ada] }), by(ada, promise()), by(ada, accepted));
    expect(resultOf(steps)).toMatchObject({ kind: "decided", value: firstClaim, applied: true });
  });

  it("starts from the value of the greatest accepted ballot (F18)", () => {
    const older = promise({ acceptedBallot: ballot(2, cyd), accepted: open({ rev: 0, seq: 9 }) });
    const newer = promise({ acceptedBallot: ballot(3, ben), accepted: open({ rev: 0, seq: 3 }) });
    for (const [first, second] of [
      [older, newer],
      [newer, older],
    ] as const) {
      const steps = drive(input(), by(ada, first), by(ben, second));
      expect(votedFor(steps.at(-1))).toMatchObject({ phase: "CLAIMED", seq: 4, n: 3 });
    }
  });

  it("has what it found voted on again where the command is rejected, and says what stands", () => {
    const stands = promise({ acceptedBallot: ballot(4, ben), accepted: claimed({ owner: ben }) });
    const steps = drive(
      input(),
      by(ben, stands),
      by(cyd, promise()),
      by(ben, accepted),
      by(cyd, accepted),
    );
    expect(votedFor(steps[2])).toEqual(claimed({ owner: ben }));
    expect(resultOf(steps)).toMatchObject({
      kind: "decided",
      value: claimed({ owner: ben }),
      applied: false,
    });
  });

  it("decides what it reads, which repairs it", () => {
    const stands = promise({ acceptedBallot: ballot(4, ben), accepted: closed() });
    const steps = drive(input({ command: { kind: "read" } }), by(ben, stands), by(cyd, promise()));
    expect(votedFor(steps.at(-1))).toEqual(closed());
  });

  it("names the attempt whose lease must be over, and the gate on time", () => {
    const lost: Outcome = { kind: "lost", at: noon };
    const [lostRetry] = drive(input({ command: { kind: "retry", n: 2, outcome: lost } }));
    expect(lostRetry?.[0]).toMatchObject({ request: { lostAttempt: 2 } });
    const failed: Outcome = { kind: "error", at: noon };
    const [retry] = drive(input({ command: { kind: "retry", n: 2, outcome: failed } }));
    expect(retry?.[0]).not.toHaveProperty("request.lostAttempt");
    const [gated] = drive(input({ notBefore: noon }));
    expect(gated?.[0]).toMatchObject({ request: { notBefore: noon } });
  });
});

describe("the fast ballot", () => {
  const fast = input({ fast: ada, fastAllowed: true });
  const fastVote: Reply = { kind: "accepted", ballot: fastBallot(ada) };

  it("asks for votes at once, in one round trip", () => {
    const steps = drive(fast, by(ben, fastVote), by(cyd, fastVote));
    expect(steps[0]).toHaveLength(3);
    expect(steps[0]?.[0]).toMatchObject({
      request: { ballot: fastBallot(ada), value: firstClaim },
    });
    expect(resultOf(steps)).toMatchObject({ kind: "decided", value: firstClaim, applied: true });
  });

  it("has the same value after a restart (F39)", () => {
    expect(drive({ ...fast, boot: 99, roundSeen: 7 })).toEqual(drive(fast));
  });

  const others: readonly (readonly [string, Partial<ProposalInput>])[] = [
    ["another ballot was tried", { fastAllowed: false }],
    ["another node is fast", { fast: ben }],
    ["another node claims", { command: { kind: "claim", by: ben, rev: 0 } }],
    ["a later revision is claimed", { command: { kind: "claim", by: ada, rev: 1 } }],
    ["it is no claim", { command: { kind: "cancel" } }],
    ["the epoch is a later one", { epoch: 1 }],
    ["the task starts paused (F39)", { init: { ...fresh, paused: true } }],
    ["the claim has a gate on time", { notBefore: noon }],
  ];
  for (const [why, fields] of others) {
    it(`is not used where ${why}`, () => {
      expect(drive({ ...fast, ...fields })[0]?.[0]).toMatchObject({ request: { kind: "prepare" } });
    });
  }

  it("says that nothing is known where a higher ballot is in the way, and which", () => {
    const late: Reply = {
      kind: "nack",
      why: "promised",
      ballot: fastBallot(ada),
      promised: ballot(8, cyd),
    };
    expect(resultOf(drive(fast, by(ben, late), by(cyd, late)))).toEqual({
      kind: "unknown",
      roundSeen: 8,
    });
  });
});

describe("a change without a quorum", () => {
  it("is unknown when the time is over, in either round", () => {
    expect(resultOf(drive(input(), by(ada, promise()), timeout))).toEqual({
      kind: "unknown",
      roundSeen: 5,
    });
    const votes = [by(ada, promise()), by(ben, promise()), by(ada, accepted), timeout];
    expect(resultOf(drive(input(), ...votes))).toEqual({ kind: "unknown", roundSeen: 5 });
  });

  it("ends as soon as a quorum is out of reach, with the greatest round met", () => {
    const steps = drive(
      input(),
      by(ada, nack("promised", ballot(9, ben))),
      by(ben, nack("promised", ballot(7, ben))),
    );
    expect(steps[1]).toEqual([]);
    expect(resultOf(steps)).toEqual({ kind: "unknown", roundSeen: 9 });
  });

  it("is unknown, never refused, once votes were asked for", () => {
    const steps = drive(
      input(),
      by(ada, promise()),
      by(ben, promise()),
      by(ada, accepted),
      by(ben, nack("damaged")),
      by(cyd, nack("damaged")),
    );
    expect(resultOf(steps)).toEqual({ kind: "unknown", roundSeen: 5 });
  });

  it("was collected where a quorum no longer knows it", () => {
    const steps = drive(input(), by(ada, nack("unknown")), by(cyd, nack("gone")));
    expect(resultOf(steps)).toEqual({ kind: "collected", roundSeen: 5 });
    const one = drive(input(), by(ada, nack("unknown")), timeout);
    expect(resultOf(one)).toEqual({ kind: "unknown", roundSeen: 5 });
    const torn = drive(input(), by(ada, nack("unknown")), by(cyd, nack("damaged")));
    expect(resultOf(torn)).toEqual({ kind: "unknown", roundSeen: 5 });
  });

  it("is refused where only gates kept a quorum from promising", () => {
    const early = drive(
      input(),
      by(ada, promise()),
      by(ben, nack("early")),
      by(cyd, nack("early")),
    );
    expect(resultOf(early)).toEqual({ kind: "refused", why: "early", roundSeen: 5 });
    const leased = drive(input(), by(ada, promise()), by(ben, nack("leased")), timeout);
    expect(resultOf(leased)).toEqual({ kind: "refused", why: "leased", roundSeen: 5 });
    const alone = drive(input(), by(ada, nack("early")), timeout);
    expect(resultOf(alone)).toEqual({ kind: "unknown", roundSeen: 5 });
  });
});

describe("answers that come late, twice, or from strangers", () => {
  it("count once", () => {
    const steps = drive(input(), by(ada, promise()), by(ada, promise()));
    expect(steps.at(-1)).toEqual([]);
    const votes = [by(ada, promise()), by(ben, promise()), by(cyd, accepted), by(cyd, accepted)];
    expect(drive(input(), ...votes).at(-1)).toEqual([]);
  });

  it("to another ballot count for nothing", () => {
    const other = promise({ ballot: ballot(4, ada, 3) });
    expect(drive(input(), by(ada, other), by(ben, other)).flat()).toHaveLength(3);
    const stale: Reply = { kind: "nack", why: "unknown", ballot: ballot(4, ada, 3) };
    expect(drive(input(), by(ada, stale), by(ben, stale)).flat()).toHaveLength(3);
  });

  it("from those that don't vote count for nothing", () => {
    expect(drive(input(), by(ada, promise()), by(dan, promise())).at(-1)).toEqual([]);
  });

  it("that refuse its own promise answer a repeat, and are no refusal", () => {
    const repeat = nack("promised", own);
    const steps = drive(
      input(),
      by(ada, repeat),
      by(ben, repeat),
      by(cyd, repeat),
      by(ada, promise()),
      by(ben, promise()),
    );
    expect(votedFor(steps.at(-1))).toEqual(firstClaim);
  });

  it("that refuse after a yes don't undo it, and a yes after a refusal counts", () => {
    const steps = drive(
      input(),
      by(ada, nack("early")),
      by(ben, promise()),
      by(ben, nack("early")),
      by(ada, promise()),
      by(cyd, nack("early")),
      by(cyd, accepted),
      by(cyd, nack("promised", ballot(6, ben))),
      by(ada, accepted),
    );
    expect(resultOf(steps)).toMatchObject({ kind: "decided", value: firstClaim });
  });

  it("that acknowledge a Create are not for it, and after its end nothing is", () => {
    const steps = drive(
      input({ voters: [ada] }),
      by(ada, { kind: "ack" }),
      by(ada, promise()),
      by(ada, accepted),
      by(ada, accepted),
      timeout,
    );
    expect(steps.map((effects) => effects.length)).toEqual([1, 0, 1, 1, 0, 0]);
  });
});
