import type { NodeId } from "./ids.ts";
import type { JournalEntry, RunFacts } from "./journal.ts";
import type { Command } from "./register/commands.ts";
import type { Outcome, Value } from "./register/value.ts";
import { commandAfter, outcomeOf } from "./retry.ts";
import type { OnLost, RetryPolicy } from "./task/spec.ts";

/** An attempt of this node that an earlier start of it may have begun, and all that is known. */
export interface RecoveryInput {
  readonly attempt: number;
  /** Absent: the claim is known and the journal is not. */
  readonly entry: JournalEntry | undefined;
  /** What the runner said; absent where it was not asked. */
  readonly facts: RunFacts | undefined;
  /** The running kernel is the one that the journal names: processes do not outlive it. */
  readonly isSameKernel: boolean;
  /** What the register holds, as this node knows it. */
  readonly value: Value;
  readonly self: NodeId;
  readonly onLost: OnLost;
  readonly retry: RetryPolicy;
  /** Attempts of the task that ended before this one. */
  readonly endedBefore: number;
  /** Unix milliseconds now. */
  readonly at: number;
  /** Uniform in [0, 1): jitter of a retry. */
  readonly random01: number;
}

/** When and as what an attempt was started, where that came to light. */
export interface RunSeen {
  readonly pid: number;
  readonly startedAt: number;
}

/** What to do about it. A `journal` must be on disk before anything that follows is done. */
export type Recovery =
  /** Only the runner can tell: ask it, then decide again with its answer. */
  | { readonly kind: "ask" }
  /** The value is older than the journal: read the register, then decide again. */
  | { readonly kind: "read" }
  /** It runs, and its end will be told; with `stop` it must be ended now. */
  | { readonly kind: "adopt"; readonly run: RunSeen; readonly stop: boolean }
  /** It is over, or never began: have this decided. */
  | {
      readonly kind: "change";
      readonly journal: JournalEntry;
      readonly command: Command;
      readonly run?: RunSeen;
    }
  /** It was given up as lost or skipped; this is how it truly ended. */
  | {
      readonly kind: "late";
      readonly journal: JournalEntry;
      readonly outcome: Outcome;
      readonly run?: RunSeen;
    }
  | { readonly kind: "nothing"; readonly journal?: JournalEntry };

/** What became of the attempt itself, whatever the register holds. */
type Fate =
  | { readonly kind: "unasked" }
  | { readonly kind: "running"; readonly run: RunSeen }
  | { readonly kind: "ended"; readonly outcome: Outcome; readonly run?: RunSeen }
  | { readonly kind: "unstarted" };

/** What the register thinks of the attempt. */
type Standing = "claimed" | "stopping" | "given-up" | "over" | "not-yet";

/** The decision table of PROTOCOL section 6, "at start-up", for one attempt of this node. */
export function decideRecovery(input: RecoveryInput): Recovery {
  const fate = fateOf(input);
  const standing = standingOf(input.value, input.attempt, input.self);
  if (standing === "not-yet") return { kind: "read" };
  switch (fate.kind) {
    case "unasked":
      return { kind: "ask" };
    case "running": {
      const stop = standing === "stopping" || standing === "over";
      return { kind: "adopt", run: fate.run, stop };
    }
    case "unstarted":
      return afterNoStart(input, standing);
    case "ended":
      return afterEnd(input, standing, fate);
  }
}

function fateOf({ entry, facts, isSameKernel, at }: RecoveryInput): Fate {
  switch (entry?.kind) {
    case undefined:
    case "void":
      return { kind: "unstarted" };
    case "exited":
      return { kind: "ended", outcome: entry.outcome };
    case "lost":
      return { kind: "ended", outcome: lostOutcome(at) };
    case "starting":
      return isSameKernel ? fateSeen(facts, at) : fateAcrossKernels(facts, at);
  }
}

function fateSeen(facts: RunFacts | undefined, at: number): Fate {
  switch (facts?.kind) {
    case undefined:
      return { kind: "unasked" };
    case "running":
      return { kind: "running", run: runSeen(facts) };
    case "ended":
      return { kind: "ended", outcome: outcomeOf(facts.end), run: runSeen(facts) };
    case "voided":
      return { kind: "unstarted" };
    case "vanished":
      return { kind: "ended", outcome: lostOutcome(at), run: runSeen(facts) };
  }
}

/**
 * After a reboot an end that was written down is still true. That nothing was written proves
 * nothing: the keeper's journal is not synced, and the machine may have lost the start.
 */
function fateAcrossKernels(facts: RunFacts | undefined, at: number): Fate {
  if (facts?.kind === "ended") return fateSeen(facts, at);
  return { kind: "ended", outcome: lostOutcome(at) };
}

function runSeen({ pid, startedAt }: RunSeen): RunSeen {
  return { pid, startedAt };
}

function lostOutcome(at: number): Outcome {
  return { kind: "lost", at, reason: "it ended while nobody was watching" };
}

function standingOf(value: Value, attempt: number, self: NodeId): Standing {
  const stands = value.phase === "MOVED" ? value.carry : value;
  if (stands.n < attempt) return "not-yet";
  if (stands.n > attempt || stands.phase === "OPEN" || stands.owner !== self) return "over";
  if (stands.phase === "CLAIMED") return stands.stop ? "stopping" : "claimed";
  return stands.why === "lost" || stands.why === "skipped" ? "given-up" : "over";
}

/** `void` first: from then on it never starts, and only then may another attempt follow. */
function afterNoStart({ entry, attempt, at }: RecoveryInput, standing: Standing): Recovery {
  const journal = { kind: "void" } as const;
  const outcome: Outcome = { kind: "stopped", at, reason: "it never started" };
  switch (standing) {
    case "claimed":
      return { kind: "change", journal, command: { kind: "release", n: attempt } };
    case "stopping":
      return { kind: "change", journal, command: { kind: "finish", n: attempt, outcome } };
    case "given-up":
      return { kind: "late", journal, outcome };
    case "over":
    case "not-yet":
      return entry === undefined ? { kind: "nothing" } : { kind: "nothing", journal };
  }
}

function afterEnd(
  { attempt, onLost, retry, endedBefore, at, random01 }: RecoveryInput,
  standing: Standing,
  { outcome, run }: Extract<Fate, { kind: "ended" }>,
): Recovery {
  const journal: JournalEntry =
    outcome.kind === "lost" ? { kind: "lost" } : { kind: "exited", outcome };
  const seen = run === undefined ? {} : { run };
  switch (standing) {
    case "claimed":
    case "stopping": {
      const stop = standing === "stopping";
      const over = { n: attempt, endedBefore, outcome, stop, onLost, retry };
      const command = commandAfter(over, at, random01);
      return { kind: "change", journal, command, ...seen };
    }
    case "given-up":
      return outcome.kind === "lost"
        ? { kind: "nothing", journal }
        : { kind: "late", journal, outcome, ...seen };
    case "over":
    case "not-yet":
      return { kind: "nothing", journal };
  }
}
