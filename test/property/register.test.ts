/**
 * Goal: registers keep the invariants of PROTOCOL section 11 (I1 to I6, I9, I10) whatever crashes,
 * losses, repeats, delays and partitions do; and the simulation that says so can see.
 * Method: the real machines in a cluster of one seed: lossy, repeating, reordering network; disks
 * that lose what was not synced; moves, edits, cancels, retries, collection. An oracle sees every
 * vote as it reaches a disk. Then flaws are planted by handing in a broken part, and must be found.
 * BLANKET_RUNS says how many seeds are lived through, BLANKET_SEED the first one; a violation names
 * its seed.
 */
import { describe, expect, it } from "vitest";

import type { RegisterState } from "../../src/core/register/acceptor-state.ts";
import { answer } from "../../src/core/register/acceptor.ts";
import type { Promised } from "../../src/core/register/messages.ts";
import { startProposal, stepProposal } from "../../src/core/register/proposer.ts";
import { ballotZero, type Value } from "../../src/core/register/value.ts";
import { Violation, type Counts } from "../support/register-sim/oracle.ts";
import type { Parts } from "../support/register-sim/surroundings.ts";
import { simulate, soundParts } from "../support/register-sim/world.ts";

const seeds = Number(process.env["BLANKET_RUNS"] ?? 300);
const firstSeed = Number(process.env["BLANKET_SEED"] ?? 1);

describe("a cluster of registers", () => {
  it(`breaks no invariant in ${seeds} seeds, and gets a lot done`, () => {
    const sum = { decided: 0, starts: 0, moves: 0 };
    for (let seed = firstSeed; seed < firstSeed + seeds; seed += 1) {
      const counts = lived(seed, soundParts);
      if (counts instanceof Violation) expect.fail(`seed ${seed}: ${counts.message}`);
      sum.decided += counts.decided;
      sum.starts += counts.starts;
      sum.moves += counts.moves;
    }
    expect(sum.decided).toBeGreaterThan(seeds * 20);
    expect(sum.starts).toBeGreaterThan(seeds * 3);
    expect(sum.moves).toBeGreaterThan(seeds * 2);
  });

  it("lives the same life again with the same seed, vote by vote", () => {
    const life = simulate(77);
    expect(simulate(77)).toEqual(life);
    expect(simulate(78).trace).not.toBe(life.trace);
  });
});

interface Flaw {
  readonly what: string;
  plant(): Partial<Parts>;
  /** What the oracle says of it; a broken history where nothing is given. */
  readonly found?: RegExp;
}

const brokenHistory = /two owners|two histories|decided after|started twice|without a decided/;
const brokenRecords = /two owners|two histories|decided after|started twice|records of/;

const flaws: readonly Flaw[] = [
  {
    what: "a proposer that ignores accepted values (F18)",
    plant: () => withPromises(nothingAccepted),
  },
  {
    what: "a proposer that takes any accepted value for the latest (F18)",
    plant: () => withPromises((reply) => ({ ...reply, acceptedBallot: ballotZero })),
  },
  {
    what: "promises that are told before they are on disk (F5)",
    plant: () => ({ waitsForDisk: ({ reply }) => reply.kind !== "promise" }),
  },
  {
    what: "votes that are told before they are on disk (F5)",
    plant: () => ({ waitsForDisk: ({ reply }) => reply.kind !== "accepted" }),
    found: /told before/,
  },
  {
    what: "a repeated vote that is told while the first is on its way to disk (F5)",
    plant: () => ({ waitsForDisk: ({ state }) => state !== undefined }),
    found: /told before/,
  },
  { what: "registers that appear where they are missing (F3)", plant: autoCreating },
  { what: "collected tasks that come back (F4)", plant: () => ({ hasGone: () => false }) },
  {
    what: "a fast value that depends on the boot (F39)",
    plant: () => ({ startProposal: bootInFastValue }),
    found: /two values at one ballot/,
  },
  { what: "a fast ballot for whoever comes first (F1)", plant: anyoneFast, found: brokenRecords },
  {
    what: "voters that are changed without a decision (F6)",
    plant: () => ({ moveTo: () => undefined }),
    found: brokenRecords,
  },
  {
    what: "values that travel without their content (F26)",
    plant: () => ({ contentSent: () => [] }),
    found: /without its content/,
  },
];

describe("the simulation finds", () => {
  for (const { what, plant, found = brokenHistory } of flaws) {
    it(what, () => {
      expect(firstViolation({ ...soundParts, ...plant() })).toMatch(found);
    });
  }
});

function lived(seed: number, parts: Parts): Violation | Counts {
  try {
    return simulate(seed, parts);
  } catch (error) {
    if (error instanceof Violation) return error;
    throw error;
  }
}

function firstViolation(parts: Parts): string {
  const seedsTried = 2_000;
  for (let seed = 1; seed <= seedsTried; seed += 1) {
    const found = lived(seed, parts);
    if (found instanceof Violation) return found.message;
  }
  return `nothing in ${seedsTried} seeds`;
}

/** A proposer that reads other promises than it was given. */
function withPromises(
  misread: (reply: Promised, init: Value | undefined) => Promised,
): Partial<Parts> {
  return {
    stepProposal(state, event) {
      if (event.kind !== "reply" || event.reply.kind !== "promise") {
        return stepProposal(state, event);
      }
      return stepProposal(state, { ...event, reply: misread(event.reply, state.input.init) });
    },
  };
}

function nothingAccepted(reply: Promised, init: Value | undefined): Promised {
  const initial = init === undefined ? {} : { accepted: init };
  return { ...reply, acceptedBallot: ballotZero, ...initial };
}

const bootInFastValue: Parts["startProposal"] = (input) => {
  const { init, fastAllowed, boot } = input;
  if (init === undefined || !fastAllowed) return startProposal(input);
  return startProposal({ ...input, init: { ...init, ops: [`boot ${boot}`] } });
};

/** Round 0 is everybody's, as if a live view had named whoever asks. */
function anyoneFast(): Partial<Parts> {
  return {
    startProposal: (input) => startProposal({ ...input, fast: input.self }),
    answer(stored, request, context) {
      if (typeof stored !== "object" || request.kind !== "accept") {
        return answer(stored, request, context);
      }
      const { round, node } = request.ballot;
      const named = round === 0 && node !== "" ? { ...stored, fast: node } : stored;
      return answer(named, request, context);
    },
  };
}

/** A voter that takes a missing register for a fresh one. */
function autoCreating(): Partial<Parts> {
  const fresh = new Map<string, RegisterState>();
  return {
    startProposal(input) {
      const { id, epoch, voters, self: origin, init } = input;
      if (init !== undefined) {
        const place = { id, epoch, voters, origin, boot: 0, seq: 0, init, accepted: init };
        fresh.set(`${id}/${epoch}`, {
          ...place,
          promised: ballotZero,
          acceptedBallot: ballotZero,
        });
      }
      return startProposal(input);
    },
    answer(stored, request, context) {
      const missing = stored === undefined && request.kind !== "create";
      const made = missing ? fresh.get(`${request.id}/${request.epoch}`) : stored;
      return answer(made, request, context);
    },
    contentSent(request) {
      const { init } = fresh.get(`${request.id}/${request.epoch}`) ?? {};
      const hashes = init === undefined ? [] : [init.specHash];
      return request.kind === "prepare" ? hashes : [...hashes, request.content.hash];
    },
  };
}
