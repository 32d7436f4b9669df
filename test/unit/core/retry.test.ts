/**
 * Goal: which ends are followed by another attempt, when, and what is asked of the register then.
 * Method: tables of ends and policies; chance is handed in.
 */
import { describe, expect, it } from "vitest";

import type { RunEnd } from "../../../src/core/journal.ts";
import type { Outcome, OutcomeKind } from "../../../src/core/register/value.ts";
import { commandAfter, nextAttempt, outcomeOf } from "../../../src/core/retry.ts";
import type { RetryPolicy } from "../../../src/core/task/spec.ts";
import { noon } from "../../support/values.ts";

const policy: RetryPolicy = {
  attempts: 5,
  backoff: "constant",
  delayMs: 1_000,
  delayMsMax: 10_000,
  jitterPercent: 0,
};

function outcome(kind: OutcomeKind, fields: Partial<Outcome> = {}): Outcome {
  return { kind, at: noon, ...fields };
}

describe("outcomeOf", () => {
  const ends: readonly (readonly [RunEnd, Outcome])[] = [
    [
      { cause: "exited", at: 1, exitCode: 0 },
      { kind: "success", at: 1, exitCode: 0 },
    ],
    [
      { cause: "exited", at: 1, exitCode: 3 },
      { kind: "error", at: 1, exitCode: 3 },
    ],
    [
      { cause: "exited", at: 1, signal: "SIGSEGV" },
      { kind: "error", at: 1, signal: "SIGSEGV" },
    ],
    [
      { cause: "timedout", at: 1, signal: "SIGKILL" },
      { kind: "timedout", at: 1, signal: "SIGKILL" },
    ],
    [
      { cause: "stopped", at: 1, exitCode: 0 },
      { kind: "stopped", at: 1, exitCode: 0 },
    ],
    [
      { cause: "unstartable", at: 1, reason: "no such file" },
      { kind: "error", at: 1, reason: "no such file" },
    ],
    [
      { cause: "lost", at: 1 },
      { kind: "lost", at: 1 },
    ],
  ];
  for (const [end, expected] of ends) {
    it(`calls ${JSON.stringify(end)} ${expected.kind}`, () => {
      expect(outcomeOf(end)).toEqual(expected);
    });
  }
});

describe("nextAttempt", () => {
  it("follows failures and timeouts, and nothing else", () => {
    const kinds = ["success", "error", "timedout", "stopped", "lost"] as const;
    const followed = kinds.filter((kind) => nextAttempt(policy, 1, outcome(kind), 0) !== undefined);
    expect(followed).toEqual(["error", "timedout"]);
  });

  it("counts attempts in all: one is no retry", () => {
    const failed = outcome("error", { exitCode: 1 });
    const followed = [1, 2, 3, 4, 5, 6].filter((n) => nextAttempt(policy, n, failed, 0));
    expect(followed).toEqual([1, 2, 3, 4]);
    expect(nextAttempt({ ...policy, attempts: 1 }, 1, failed, 0)).toBeUndefined();
  });

  it("follows only the exit codes that are named, where some are", () => {
    const picky = { ...policy, onExit: [75, 111] };
    const ends = [
      outcome("error", { exitCode: 75 }),
      outcome("error", { exitCode: 111 }),
      outcome("error", { exitCode: 1 }),
      outcome("error", { signal: "SIGKILL" }),
      outcome("timedout", { exitCode: 75 }),
    ];
    const followed = ends.map((end) => nextAttempt(picky, 1, end, 0) !== undefined);
    expect(followed).toEqual([true, true, false, false, false]);
  });

  const delays: readonly (readonly [RetryPolicy["backoff"], readonly number[]])[] = [
    ["constant", [1_000, 1_000, 1_000, 1_000, 1_000, 1_000]],
    ["linear", [1_000, 2_000, 3_000, 4_000, 5_000, 6_000]],
    ["exponential", [1_000, 2_000, 4_000, 8_000, 10_000, 10_000]],
  ];
  for (const [backoff, expected] of delays) {
    it(`waits ${expected.join(", ")} ms with ${backoff} backoff`, () => {
      const growing = { ...policy, attempts: 1_000, backoff };
      const waits = [1, 2, 3, 4, 5, 6].map(
        (n) => nextAttempt(growing, n, outcome("error"), 0)?.delayMs,
      );
      expect(waits).toEqual(expected);
      expect(nextAttempt(growing, 999, outcome("error"), 0)?.delayMs).toBeLessThanOrEqual(10_000);
    });
  }

  it("shortens the delay by chance, up to the share that is allowed", () => {
    const spread = { ...policy, jitterPercent: 20 };
    const waits = [0, 0.5, 1].map((x) => nextAttempt(spread, 1, outcome("error"), x)?.delayMs);
    expect(waits).toEqual([1_000, 900, 800]);
  });
});

describe("commandAfter", () => {
  const ended = { n: 2, endedBefore: 0, stop: false, onLost: "hold", retry: policy } as const;
  const failed = outcome("error", { exitCode: 1 });
  const lost = outcome("lost");

  it("retries from a time on where the policy allows it", () => {
    expect(commandAfter({ ...ended, outcome: failed }, noon, 0)).toEqual({
      kind: "retry",
      n: 2,
      outcome: failed,
      notBefore: noon + 1_000,
    });
  });

  it("finishes otherwise", () => {
    for (const end of [outcome("success"), outcome("stopped")]) {
      expect(commandAfter({ ...ended, outcome: end }, noon, 0)).toEqual({
        kind: "finish",
        n: 2,
        outcome: end,
      });
    }
    const last = { ...ended, n: 5, endedBefore: 4, outcome: failed };
    expect(commandAfter(last, noon, 0).kind).toBe("finish");
  });

  it("does not count attempts that never started", () => {
    const late = { ...ended, n: 12, endedBefore: 1, outcome: failed };
    expect(commandAfter(late, noon, 0)).toMatchObject({
      kind: "retry",
      n: 12,
      notBefore: noon + 1_000,
    });
  });

  it("never retries what is to stop", () => {
    for (const end of [failed, outcome("timedout"), lost]) {
      for (const onLost of ["hold", "rerun", "skip"] as const) {
        const stopping = { ...ended, onLost, stop: true, outcome: end };
        expect(commandAfter(stopping, noon, 0)).toEqual({ kind: "finish", n: 2, outcome: end });
      }
    }
  });

  it("does with a lost attempt what on_lost says", () => {
    const after = (onLost: "hold" | "rerun" | "skip", n = 2) =>
      commandAfter({ ...ended, n, onLost, outcome: lost }, noon, 0);
    expect(after("hold")).toEqual({ kind: "finish", n: 2, outcome: lost });
    expect(after("skip")).toEqual({ kind: "giveup", n: 2, why: "skipped", outcome: lost });
    const again = { kind: "retry", outcome: lost, notBefore: noon + 1_000 };
    expect(after("rerun")).toEqual({ ...again, n: 2 });
    expect(after("rerun", 77)).toEqual({ ...again, n: 77 });
  });
});
