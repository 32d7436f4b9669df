/**
 * Goal: the transition function is that of PROTOCOL section 5, by command and by phase.
 * Method: every command is put to every phase; what no table lists is rejected.
 */
import { describe, expect, it } from "vitest";

import { limits } from "../../../../src/core/limits.ts";
import { apply, type Command } from "../../../../src/core/register/commands.ts";
import { initialValue, type Outcome, type Value } from "../../../../src/core/register/value.ts";
import { ada, ben, claimed, closed, cyd, noon, open } from "../../../support/values.ts";

const success: Outcome = { kind: "success", at: noon, exitCode: 0 };
const failure: Outcome = { kind: "error", at: noon, exitCode: 3 };
const lost: Outcome = { kind: "lost", at: noon };

const commands: readonly Command[] = [
  { kind: "create", specHash: "other" },
  { kind: "claim", by: ben, rev: 3 },
  { kind: "release", n: 2 },
  { kind: "finish", n: 2, outcome: success },
  { kind: "retry", n: 2, outcome: failure },
  { kind: "cancel" },
  { kind: "edit", op: "two", rev: 3, specHash: "second", paused: true },
  { kind: "expire" },
  { kind: "giveup", n: 2, why: "lost" },
  { kind: "move", to: [ben, cyd] },
];

const moved = apply(open(), { kind: "move", to: [ben] });

/** Which commands each phase takes; nothing leaves CLOSED or MOVED. */
const accepted: readonly (readonly [string, Value | undefined, readonly string[]])[] = [
  ["EMPTY", undefined, ["create"]],
  ["OPEN", open(), ["claim", "cancel", "edit", "expire", "move"]],
  ["OPEN, paused", open({ paused: true }), ["cancel", "edit", "expire", "move"]],
  ["CLAIMED", claimed(), ["release", "finish", "retry", "cancel", "giveup", "move"]],
  ["CLOSED", closed(), []],
  ["MOVED", moved, []],
];

describe("which commands a phase takes", () => {
  for (const [phase, value, kinds] of accepted) {
    it(`${phase} takes ${kinds.length === 0 ? "none" : kinds.join(", ")}`, () => {
      const taken = commands.filter((command) => apply(value, command) !== undefined);
      expect(taken.map(({ kind }) => kind)).toEqual(kinds);
    });

    it(`${phase} is read as it is`, () => {
      expect(apply(value, { kind: "read" })).toBe(value);
    });
  }

  it("counts every accepted command in seq", () => {
    const steps = [open(), claimed()].flatMap((value) =>
      commands.flatMap((command) => {
        const next = apply(value, command);
        return next === undefined ? [] : [next.seq - value.seq];
      }),
    );
    expect(new Set(steps)).toEqual(new Set([1]));
  });
});

describe("claim", () => {
  it("starts the next attempt under its owner", () => {
    expect(apply(open({ notBefore: noon }), { kind: "claim", by: ben, rev: 3 })).toEqual(
      claimed({ seq: 8, n: 3, owner: ben }),
    );
  });

  it("is rejected when it names another revision than the last (F29)", () => {
    expect(apply(open(), { kind: "claim", by: ben, rev: 2 })).toBeUndefined();
    expect(apply(open(), { kind: "claim", by: ben, rev: 4 })).toBeUndefined();
  });

  it("is a pure function of the content, so that a fast one may be repeated (F39)", () => {
    const claim = { kind: "claim", by: ada, rev: 0 } as const;
    expect(apply(initialValue("x"), claim)).toEqual(apply(initialValue("x"), claim));
  });
});

describe("the end of an attempt", () => {
  const ends: readonly Command[] = [
    { kind: "release", n: 1 },
    { kind: "finish", n: 1, outcome: success },
    { kind: "retry", n: 1, outcome: failure },
    { kind: "giveup", n: 1, why: "skipped" },
  ];
  for (const command of ends) {
    it(`is rejected when ${command.kind} names another attempt than the last`, () => {
      expect(apply(claimed(), command)).toBeUndefined();
      expect(apply(claimed({ n: 0 }), command)).toBeUndefined();
    });
  }

  it("closes by finish with the outcome and the owner", () => {
    expect(apply(claimed(), { kind: "finish", n: 2, outcome: failure })).toEqual(
      closed({ seq: 8, why: "done", outcome: failure, owner: ada }),
    );
  });

  it("opens again by release, with the attempt counted", () => {
    expect(apply(claimed(), { kind: "release", n: 2 })).toEqual(open({ seq: 8 }));
  });

  it("opens again by retry, from the time that it names", () => {
    const retry = { kind: "retry", n: 2, outcome: lost, notBefore: noon } as const;
    expect(apply(claimed(), retry)).toEqual(open({ seq: 8, notBefore: noon }));
  });

  it("closes by giveup as lost or skipped", () => {
    const skip = { kind: "giveup", n: 2, why: "skipped", outcome: lost } as const;
    expect(apply(claimed(), skip)).toEqual(
      closed({ seq: 8, why: "skipped", outcome: lost, owner: ada }),
    );
    expect(apply(claimed(), { kind: "giveup", n: 2, why: "lost" })).toEqual(
      closed({ seq: 8, why: "lost", owner: ada }),
    );
  });
});

describe("cancel", () => {
  it("closes an open task at once, and says when", () => {
    expect(apply(open(), { kind: "cancel", at: noon })).toMatchObject({
      phase: "CLOSED",
      why: "cancelled",
      outcome: { kind: "stopped", at: noon },
    });
  });

  it("tells the owner of a claimed one to stop, however often", () => {
    const stopping = apply(claimed(), { kind: "cancel" });
    expect(stopping).toEqual(claimed({ seq: 8, stop: true }));
    expect(apply(stopping, { kind: "cancel" })).toEqual(claimed({ seq: 9, stop: true }));
  });

  it("outlives a retry and a release: no attempt follows", () => {
    const stopping = claimed({ stop: true });
    expect(apply(stopping, { kind: "retry", n: 2, outcome: failure })).toEqual(
      closed({ seq: 8, why: "cancelled", outcome: failure, owner: ada }),
    );
    expect(apply(stopping, { kind: "release", n: 2 })).toEqual(
      closed({ seq: 8, why: "cancelled", owner: ada }),
    );
  });
});

describe("edit", () => {
  const edit = { kind: "edit", op: "two", rev: 3, specHash: "second", paused: true } as const;

  it("brings the next revision and remembers itself", () => {
    const edited = open({ seq: 8, rev: 4, specHash: "second", paused: true, ops: ["one", "two"] });
    expect(apply(open(), edit)).toEqual(edited);
  });

  it("is not applied twice (F28)", () => {
    expect(apply(apply(open(), edit), edit)).toBeUndefined();
  });

  it("leaves the time of a retry in force", () => {
    expect(apply(open({ notBefore: noon }), edit)).toMatchObject({ notBefore: noon });
  });

  it("is remembered for the next edits, and not for ever", () => {
    let value: Value | undefined = open({ rev: 0, ops: [] });
    for (let rev = 0; rev < 20; rev += 1) {
      value = apply(value, { kind: "edit", op: `${rev}`, rev, specHash: "x", paused: false });
    }
    const last = Array.from({ length: limits.opsRemembered }, (_, index) => `${index + 12}`);
    expect(value).toMatchObject({ rev: 20, ops: last });
  });
});

describe("expire", () => {
  it("closes an open task, paused or not", () => {
    expect(apply(open({ paused: true }), { kind: "expire" })).toEqual(
      closed({ seq: 8, why: "expired" }),
    );
  });
});

describe("move", () => {
  it("carries what stood, and seals it", () => {
    expect(apply(claimed({ stop: true }), { kind: "move", to: [ben, cyd] })).toMatchObject({
      phase: "MOVED",
      seq: 8,
      to: [ben, cyd],
      carry: claimed({ stop: true }),
    });
  });
});
