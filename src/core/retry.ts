import type { RunEnd } from "./journal.ts";
import type { Command } from "./register/commands.ts";
import type { Outcome } from "./register/value.ts";
import type { OnLost, RetryPolicy } from "./task/spec.ts";

/** What an attempt ended as, for the register. */
export function outcomeOf(end: RunEnd): Outcome {
  const { at, exitCode, signal, reason } = end;
  return {
    kind: outcomeKind(end),
    at,
    ...(exitCode === undefined ? {} : { exitCode }),
    ...(signal === undefined ? {} : { signal }),
    ...(reason === undefined ? {} : { reason }),
  };
}

function outcomeKind({ cause, exitCode, signal }: RunEnd): Outcome["kind"] {
  switch (cause) {
    case "exited":
      return exitCode === 0 && signal === undefined ? "success" : "error";
    case "unstartable":
      return "error";
    case "timedout":
    case "stopped":
    case "lost":
      return cause;
  }
}

/**
 * Whether the `tries`th attempt that ended (from 1), having ended so, is followed by another, and
 * after how many milliseconds. `random01` is uniform in [0, 1).
 *
 * A cancelled task is never retried, and a lost attempt is a matter of `onLost`, not of the policy.
 */
export function nextAttempt(
  policy: RetryPolicy,
  tries: number,
  outcome: Outcome,
  random01: number,
): { readonly delayMs: number } | undefined {
  if (tries >= policy.attempts || !isWorthAnother(policy, outcome)) return undefined;
  return { delayMs: delayAfter(policy, tries, random01) };
}

/** With `onExit` only a command that ended by itself, with one of these codes. */
function isWorthAnother({ onExit }: RetryPolicy, { kind, exitCode }: Outcome): boolean {
  if (kind !== "error" && kind !== "timedout") return false;
  if (onExit === undefined) return true;
  return kind === "error" && exitCode !== undefined && onExit.includes(exitCode);
}

/** The jitter shortens: the bound holds, and those that have reached it are still spread. */
function delayAfter(policy: RetryPolicy, tries: number, random01: number): number {
  const { delayMs, delayMsMax, jitterPercent } = policy;
  const grown = Math.min(delayMs * growth(policy.backoff, tries), delayMsMax);
  return Math.round(grown * (1 - (jitterPercent / 100) * random01));
}

function growth(backoff: RetryPolicy["backoff"], tries: number): number {
  switch (backoff) {
    case "constant":
      return 1;
    case "linear":
      return tries;
    case "exponential":
      return 2 ** (tries - 1);
  }
}

/** An attempt that is over, and what its task says about such ends. */
export interface EndedAttempt {
  readonly n: number;
  /**
   * Attempts of the task that ended before. Those that never started (a keeper that could not be
   * reached, a daemon that was killed) have numbers too, and use up nothing that the user granted.
   */
  readonly endedBefore: number;
  readonly outcome: Outcome;
  /** A cancel of it was decided. */
  readonly stop: boolean;
  readonly onLost: OnLost;
  readonly retry: RetryPolicy;
}

/**
 * What its owner asks of the register when an attempt is over: the end, or another attempt from
 * some time on. `now` in unix milliseconds, `random01` uniform in [0, 1).
 */
export function commandAfter(ended: EndedAttempt, now: number, random01: number): Command {
  const { n, outcome, stop, onLost } = ended;
  if (stop) return { kind: "finish", n, outcome };
  if (outcome.kind === "lost" && onLost === "skip") {
    return { kind: "giveup", n, why: "skipped", outcome };
  }
  const delayMs = delayOf(ended, random01);
  if (delayMs === undefined) return { kind: "finish", n, outcome };
  return { kind: "retry", n, outcome, notBefore: now + delayMs };
}

/** A lost attempt is run again without a bound, but never in a tight loop: it may be the cause. */
function delayOf({ endedBefore, outcome, onLost, retry }: EndedAttempt, random01: number) {
  const tries = endedBefore + 1;
  if (outcome.kind !== "lost") return nextAttempt(retry, tries, outcome, random01)?.delayMs;
  return onLost === "rerun" ? delayAfter(retry, tries, random01) : undefined;
}
