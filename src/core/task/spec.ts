import type { Canonical } from "../canonical.ts";
import { canonicalBytes } from "../canonical.ts";
import { hexOf, type Hash } from "../ids.ts";

/** What happens to a claimed task whose end can never be known (PROTOCOL section 6). */
export type OnLost = "hold" | "rerun" | "skip";

/** When a failed attempt is followed by another; copied from the type at submit. */
export interface RetryPolicy {
  /** Attempts in all, at least 1; 1 is no retry. */
  readonly attempts: number;
  /** How the delay grows with the attempts. */
  readonly backoff: "constant" | "linear" | "exponential";
  /** Delay before the second attempt, in milliseconds. */
  readonly delayMs: number;
  /** The delay never grows past this, in milliseconds. */
  readonly delayMsMax: number;
  /** Share of the delay, 0 to 100 per cent, by which it is varied at random. */
  readonly jitterPercent: number;
  /** Exit codes that are worth another attempt; absent means any failure but a cancel. */
  readonly onExit?: readonly number[];
}

/** No retry: what a task has whose type says nothing. */
export const noRetry: RetryPolicy = {
  attempts: 1,
  backoff: "exponential",
  delayMs: 1_000,
  delayMsMax: 300_000,
  jitterPercent: 10,
};

/** An uploaded file of a task: where it goes in the task's directory, and its content. */
export interface FileReference {
  /** Relative, `/` between parts, never `..`. */
  readonly path: string;
  /** SHA-256 of the content in lower-case hexadecimal; also the blob's name. */
  readonly sha256: string;
  readonly sizeBytes: number;
}

/** What a task is: fixed by its submission, changed only by an edit before it is claimed. */
export interface TaskSpec {
  readonly type: string;
  /** The task's own variables, as strings; the type's defaults are merged at execution. */
  readonly environment: Readonly<Record<string, string>>;
  /** Tags that a worker must have: the task's and its type's, sorted, without repeats. */
  readonly tags: readonly string[];
  /** Idempotency key; such a task's id is computed from it. */
  readonly key?: string;
  /**
   * Hash over what the user chose, without times and submitter, where there is a key: two
   * submissions under one key are the same when this is equal (PROTOCOL section 8).
   */
  readonly givenHash?: string;
  /** Higher runs first. */
  readonly priority: number;
  /** Unix milliseconds before which it is not claimed. */
  readonly notBefore?: number;
  /** Unix milliseconds after which it is not claimed any more. */
  readonly expires?: number;
  /** Overrides the type's timeout; milliseconds, 0 is none. */
  readonly timeoutMs?: number;
  readonly onLost: OnLost;
  readonly retry: RetryPolicy;
  readonly files: readonly FileReference[];
  /** Who asked: the name of a token, or `local`. */
  readonly submittedBy: string;
}

/** SHA-256 of the whole spec in hexadecimal: the content that a register's value names. */
export function specHash(hash: Hash, spec: TaskSpec): string {
  return hexOf(hash(canonicalBytes(specParts(spec))));
}

/** Canonical size in bytes, held against `limits.specBytesMax`. */
export function specSizeBytes(spec: TaskSpec): number {
  return canonicalBytes(specParts(spec)).length;
}

function specParts(spec: TaskSpec): Canonical {
  return {
    ...spec,
    retry: { ...spec.retry },
    files: spec.files.map((file) => ({ ...file })),
  };
}
