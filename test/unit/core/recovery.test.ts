/**
 * Goal: the start-up table of PROTOCOL section 6: what is done about each attempt found.
 * Method: every journal entry × every fact × both kernels × every standing of the register, against
 * a table written out by hand in words.
 */
import { describe, expect, it } from "vitest";

import type { JournalEntry, RunFacts } from "../../../src/core/journal.ts";
import { decideRecovery, type Recovery, type RecoveryInput } from "../../../src/core/recovery.ts";
import { apply } from "../../../src/core/register/commands.ts";
import type { Outcome, Value } from "../../../src/core/register/value.ts";
import { noRetry, type RetryPolicy } from "../../../src/core/task/spec.ts";
import { ada, ben, claimed, closed, noon, open } from "../../support/values.ts";

const attempt = 2;
const run = { pid: 321, startedAt: noon - 5_000 };
const success: Outcome = { kind: "success", at: noon - 1, exitCode: 0 };
const starting: JournalEntry = {
  kind: "starting",
  kernelBootId: "k1",
  startedAt: noon - 5_001,
  worker: "rabbit-1",
  typeDigest: "d",
  timeoutMs: 0,
  killGraceMs: 10_000,
  typeEnvironment: {},
};

const entries = {
  none: undefined,
  void: { kind: "void" },
  exited: { kind: "exited", outcome: success },
  lost: { kind: "lost" },
  starting,
} as const satisfies Record<string, JournalEntry | undefined>;

const facts = {
  unasked: undefined,
  running: { kind: "running", ...run },
  ended: { kind: "ended", ...run, end: { cause: "exited", at: noon - 1, exitCode: 0 } },
  voided: { kind: "voided" },
  vanished: { kind: "vanished", ...run },
} as const satisfies Record<string, RunFacts | undefined>;

/** What became of the attempt: by its journal, the runner's word, and the kernel. */
type Fate = "unknown" | "running" | "success" | "lost" | "unstarted";
const fates: Record<keyof typeof entries, (fact: keyof typeof facts, same: boolean) => Fate> = {
  none: () => "unstarted",
  void: () => "unstarted",
  exited: () => "success",
  lost: () => "lost",
  starting: (fact, same) => {
    if (fact === "ended") return "success";
    if (!same || fact === "vanished") return "lost";
    return ({ unasked: "unknown", running: "running", voided: "unstarted" } as const)[fact];
  },
};

const moved = apply(claimed(), { kind: "move", to: [ben] });

/** What the register thinks of attempt 2 of ada. */
const standings = {
  claimed: [claimed(), moved],
  stopping: [claimed({ stop: true })],
  givenUp: [closed({ why: "lost", owner: ada }), closed({ why: "skipped", owner: ada })],
  over: [
    open(),
    open({ n: 3 }),
    claimed({ n: 3 }),
    claimed({ owner: ben }),
    closed({ owner: ada }),
    closed({ why: "cancelled", owner: ada }),
    closed({ why: "lost", owner: ben }),
    closed({ why: "lost", owner: ada, n: 3 }),
  ],
  notYet: [open({ n: 1 }), claimed({ n: 1 }), closed({ n: 1 })],
} as const satisfies Record<string, readonly (Value | undefined)[]>;

/** In words: kind, and what matters of it. */
const table: Record<keyof typeof standings, Record<Fate, string>> = {
  claimed: {
    unknown: "ask",
    running: "adopt",
    success: "exited, finish success",
    lost: "lost, finish lost",
    unstarted: "void, release",
  },
  stopping: {
    unknown: "ask",
    running: "adopt and stop",
    success: "exited, finish success",
    lost: "lost, finish lost",
    unstarted: "void, finish stopped",
  },
  givenUp: {
    unknown: "ask",
    running: "adopt",
    success: "exited, late success",
    lost: "lost",
    unstarted: "void, late stopped",
  },
  over: {
    unknown: "ask",
    running: "adopt and stop",
    success: "exited",
    lost: "lost",
    unstarted: "void",
  },
  notYet: { unknown: "read", running: "read", success: "read", lost: "read", unstarted: "read" },
};

function inWords(recovery: Recovery): string {
  switch (recovery.kind) {
    case "ask":
    case "read":
      return recovery.kind;
    case "adopt":
      return recovery.stop ? "adopt and stop" : "adopt";
    case "change": {
      const { command, journal } = recovery;
      const outcome = "outcome" in command ? ` ${command.outcome?.kind ?? ""}` : "";
      return `${journal.kind}, ${command.kind}${outcome}`;
    }
    case "late":
      return `${recovery.journal.kind}, late ${recovery.outcome.kind}`;
    case "nothing":
      return recovery.journal?.kind ?? "nothing";
  }
}

const base: RecoveryInput = {
  attempt,
  entry: starting,
  facts: undefined,
  isSameKernel: true,
  value: claimed(),
  self: ada,
  onLost: "hold",
  retry: noRetry,
  endedBefore: 0,
  at: noon,
  random01: 0,
};

function keysOf<T extends object>(keyed: T): readonly (keyof T)[] {
  return Object.keys(keyed) as (keyof T)[];
}

describe("an attempt found at start-up", () => {
  for (const standing of keysOf(standings)) {
    for (const entry of keysOf(entries)) {
      it(`with journal ${entry} is settled as the table says where it is ${standing}`, () => {
        for (const value of standings[standing]) {
          for (const fact of keysOf(facts)) {
            for (const isSameKernel of [true, false]) {
              const fate = fates[entry](fact, isSameKernel);
              const none = entry === "none" && standing === "over";
              const recovery = decideRecovery({
                ...base,
                entry: entries[entry],
                facts: facts[fact],
                isSameKernel,
                value: value ?? open(),
              });
              expect(inWords(recovery), `${fact}, ${isSameKernel ? "same" : "other"} kernel`).toBe(
                none ? "nothing" : table[standing][fate],
              );
            }
          }
        }
      });
    }
  }
});

describe("what came to light about it", () => {
  it("is handed on: when and as what it was started", () => {
    for (const fact of ["running", "ended", "vanished"] as const) {
      expect(decideRecovery({ ...base, facts: facts[fact] })).toMatchObject({ run });
    }
    expect(decideRecovery({ ...base, facts: facts.voided })).not.toHaveProperty("run");
  });

  it("is the end as the keeper saw it", () => {
    expect(decideRecovery({ ...base, facts: facts.ended })).toMatchObject({
      journal: { kind: "exited", outcome: success },
      command: { outcome: success },
    });
  });
});

describe("another attempt", () => {
  const retry: RetryPolicy = { ...noRetry, attempts: 3, backoff: "constant", delayMs: 4_000 };

  it("follows a failure where the policy allows it", () => {
    const failure: Outcome = { kind: "error", at: noon - 1, exitCode: 9 };
    const entry: JournalEntry = { kind: "exited", outcome: failure };
    expect(decideRecovery({ ...base, entry, retry })).toEqual({
      kind: "change",
      journal: entry,
      command: { kind: "retry", n: attempt, outcome: failure, notBefore: noon + 4_000 },
    });
    const stopping = { ...base, entry, retry, value: claimed({ stop: true }) };
    expect(decideRecovery(stopping)).toMatchObject({ command: { kind: "finish" } });
  });

  it("follows a lost one only where it is safe to run again", () => {
    const commands = (["hold", "rerun", "skip"] as const).map((onLost) => {
      const recovery = decideRecovery({ ...base, isSameKernel: false, onLost });
      return recovery.kind === "change" ? recovery.command.kind : recovery.kind;
    });
    expect(commands).toEqual(["finish", "retry", "giveup"]);
  });
});
