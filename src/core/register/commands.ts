import type { NodeId } from "../ids.ts";
import { limits } from "../limits.ts";
import {
  initialValue,
  type ClaimedValue,
  type ClosedValue,
  type ClosedWhy,
  type MovedValue,
  type OpenValue,
  type Outcome,
  type Value,
} from "./value.ts";

/** What can be asked of a register. Attempts (`n`) count from 1; times are unix milliseconds. */
export type Command =
  /** EMPTY becomes OPEN: only in the key space, where no Create comes before (PROTOCOL 8). */
  | { readonly kind: "create"; readonly specHash: string }
  /** Names the revision, so that no older content than the last one runs (F29). */
  | { readonly kind: "claim"; readonly by: NodeId; readonly rev: number }
  /** By the owner alone, once `void` stands in its journal: the attempt never started. */
  | { readonly kind: "release"; readonly n: number }
  | { readonly kind: "finish"; readonly n: number; readonly outcome: Outcome }
  /** Another attempt follows. An outcome of kind `lost` is subject to the voters' leases. */
  | {
      readonly kind: "retry";
      readonly n: number;
      readonly outcome: Outcome;
      readonly notBefore?: number;
    }
  /** `at` is for people: when it was asked for, where it closes the task at once. */
  | { readonly kind: "cancel"; readonly at?: number }
  /** Pause and resume are edits too: a toggle could be applied twice (F28). */
  | {
      readonly kind: "edit";
      /** Unique: an edit whose fate is unknown is judged by it (F27). */
      readonly op: string;
      readonly rev: number;
      readonly specHash: string;
      readonly paused: boolean;
    }
  | { readonly kind: "expire"; readonly at?: number }
  /** Nobody can tell how the attempt ends, and nobody waits any longer. */
  | {
      readonly kind: "giveup";
      readonly n: number;
      readonly why: "lost" | "skipped";
      readonly outcome?: Outcome;
    }
  /** Seals this epoch; the next one starts at `to` from the value that stands. */
  | { readonly kind: "move"; readonly to: readonly NodeId[] }
  /** Changes nothing: what is found is decided again, which repairs and tells it. */
  | { readonly kind: "read" };

type AttemptCommand = Extract<Command, { kind: "release" | "finish" | "retry" | "giveup" }>;

/**
 * The register's transition function (PROTOCOL section 5): what `value` becomes by `command`, pure,
 * so that every proposer computes the same.
 *
 * An undefined `value` is EMPTY; an undefined result means that the command is rejected. Every
 * accepted command but `read` adds one to `seq`. Nothing leaves CLOSED or MOVED.
 * @see Rystsov, "CASPaxos: Replicated State Machines without logs", 2018
 */
export function apply(value: Value | undefined, command: Command): Value | undefined {
  if (command.kind === "read") return value;
  if (value === undefined) {
    return command.kind === "create" ? initialValue(command.specHash) : undefined;
  }
  switch (value.phase) {
    case "OPEN":
      return applyToOpen(value, command);
    case "CLAIMED":
      return applyToClaimed(value, command);
    case "CLOSED":
    case "MOVED":
      return undefined;
  }
}

function applyToOpen(value: OpenValue, command: Command): Value | undefined {
  switch (command.kind) {
    case "claim":
      return value.paused || value.rev !== command.rev ? undefined : claim(value, command.by);
    case "edit":
      return value.rev === command.rev ? edit(value, command) : undefined;
    case "cancel":
      return close(value, "cancelled", stopped(command.at, "cancelled before it started"));
    case "expire":
      return close(value, "expired", stopped(command.at, "no worker took it before it expired"));
    case "move":
      return move(value, command.to);
    case "create":
    case "release":
    case "finish":
    case "retry":
    case "giveup":
    case "read":
      return undefined;
  }
}

function applyToClaimed(value: ClaimedValue, command: Command): Value | undefined {
  switch (command.kind) {
    case "cancel":
      return { ...value, seq: value.seq + 1, stop: true };
    case "move":
      return move(value, command.to);
    case "release":
    case "finish":
    case "retry":
    case "giveup":
      return value.n === command.n ? endAttempt(value, command) : undefined;
    case "create":
    case "claim":
    case "edit":
    case "expire":
    case "read":
      return undefined;
  }
}

/** A decided cancel outlives every end: otherwise the task would be claimed once more. */
function endAttempt(value: ClaimedValue, command: AttemptCommand): Value {
  switch (command.kind) {
    case "release":
      return value.stop ? close(value, "cancelled") : reopen(value);
    case "finish":
      return close(value, "done", command.outcome);
    case "retry":
      return value.stop
        ? close(value, "cancelled", command.outcome)
        : reopen(value, command.notBefore);
    case "giveup":
      return close(value, command.why, command.outcome);
  }
}

function claim(value: OpenValue, owner: NodeId): ClaimedValue {
  return { ...next(value), phase: "CLAIMED", n: value.n + 1, owner, stop: false };
}

function edit(value: OpenValue, command: Extract<Command, { kind: "edit" }>): OpenValue {
  return {
    ...value,
    seq: value.seq + 1,
    rev: value.rev + 1,
    specHash: command.specHash,
    paused: command.paused,
    ops: [...value.ops, command.op].slice(-limits.opsRemembered),
  };
}

function reopen(value: ClaimedValue, notBefore?: number): OpenValue {
  return {
    ...next(value),
    phase: "OPEN",
    paused: false,
    ...(notBefore === undefined ? {} : { notBefore }),
  };
}

function close(value: OpenValue | ClaimedValue, why: ClosedWhy, outcome?: Outcome): ClosedValue {
  return {
    ...next(value),
    phase: "CLOSED",
    why,
    ...(outcome === undefined ? {} : { outcome }),
    ...(value.phase === "CLAIMED" ? { owner: value.owner } : {}),
  };
}

function stopped(at: number | undefined, reason: string): Outcome | undefined {
  return at === undefined ? undefined : { kind: "stopped", at, reason };
}

function move(value: OpenValue | ClaimedValue, to: readonly NodeId[]): MovedValue {
  return { ...next(value), phase: "MOVED", to, carry: value };
}

/** What every phase has, one command later. */
function next({ seq, n, rev, specHash, ops }: Value) {
  return { seq: seq + 1, n, rev, specHash, ops };
}
