/**
 * Goal: values travel with their content, and registers of the key space start EMPTY.
 * Method: the proposer is stepped by hand with answers of three voters; only effects are looked at.
 */
import { describe, expect, it } from "vitest";

import type { Promised } from "../../../../src/core/register/messages.ts";
import { ballotZero } from "../../../../src/core/register/value.ts";
import {
  accepted,
  by,
  drive,
  input,
  own,
  promise,
  resultOf,
  timeout,
  votedFor,
} from "../../../support/proposal.ts";
import { ada, ballot, ben, content, contentOf, cyd, fresh, open } from "../../../support/values.ts";

describe("content", () => {
  const edited = open({ rev: 0, specHash: "second" });
  const { content: _content, ...bare } = promise({ accepted: edited, acceptedBallot: ballot(4) });

  it("travels with promises", () => {
    const told = { ...bare, content: contentOf("second") };
    const steps = drive(input(), by(ada, told), by(ben, promise()));
    expect(steps.at(-1)?.[0]).toMatchObject({ request: { content: contentOf("second") } });
  });

  it("that is missing is asked for once, and no vote is asked for without it (F26)", () => {
    const steps = drive(
      input(),
      by(ada, bare),
      by(ben, bare),
      { kind: "content", content: contentOf("third") },
      { kind: "content", content: contentOf("second") },
    );
    expect(steps.slice(2, 4)).toEqual([[{ kind: "need-content", hash: "second" }], []]);
    expect(steps.at(-1)).toHaveLength(3);
    expect(votedFor(steps.at(-1))).toMatchObject({ phase: "CLAIMED", specHash: "second" });
  });

  it("may still come with a later promise", () => {
    const told = { ...bare, content: contentOf("second") };
    const steps = drive(input(), by(ada, bare), by(ben, bare), by(cyd, told));
    expect(votedFor(steps.at(-1))).toMatchObject({ specHash: "second" });
  });

  it("that does not come leaves the change unknown", () => {
    const steps = drive(input(), by(ada, bare), by(ben, bare), timeout);
    expect(resultOf(steps)).toEqual({ kind: "unknown", roundSeen: 5 });
  });

  it("of an edit is the proposer's own", () => {
    const edit = { kind: "edit", op: "x", rev: 0, specHash: "mine", paused: false } as const;
    const steps = drive(
      input({ command: edit, contents: [content, contentOf("mine")] }),
      by(ada, promise()),
      by(ben, promise()),
    );
    expect(steps.at(-1)?.[0]).toMatchObject({ request: { content: contentOf("mine") } });
  });
});

describe("a register of the key space", () => {
  const { init: _init, ...keyed } = input({ command: { kind: "create", specHash: "first" } });
  const empty: Promised = { kind: "promise", ballot: own, acceptedBallot: ballotZero };

  it("is made by a full ballot over EMPTY", () => {
    const steps = drive(
      keyed,
      by(ada, empty),
      by(ben, empty),
      by(ada, accepted),
      by(ben, accepted),
    );
    expect(resultOf(steps)).toMatchObject({ kind: "decided", value: fresh, applied: true });
  });

  it("is not made twice: the one that stands is told", () => {
    const there = { ...empty, acceptedBallot: ballot(2, ben), accepted: fresh, content };
    const steps = drive(
      keyed,
      by(ada, there),
      by(ben, empty),
      by(ada, accepted),
      by(ben, accepted),
    );
    expect(resultOf(steps)).toMatchObject({ kind: "decided", value: fresh, applied: false });
  });

  it("that is EMPTY is read as such, with nothing to vote on", () => {
    const read = { ...keyed, command: { kind: "read" } as const };
    expect(resultOf(drive(read, by(ada, empty), by(ben, empty)))).toEqual({
      kind: "empty",
      roundSeen: 5,
    });
  });
});
