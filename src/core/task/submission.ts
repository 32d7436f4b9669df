import type { FileReference, OnLost } from "./spec.ts";

/** A submission as it came in: checked in shape, not yet in meaning. Times in unix milliseconds. */
export interface Submission {
  readonly type: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly tags: readonly string[];
  readonly key?: string;
  readonly priority?: number;
  readonly notBefore?: number;
  readonly expires?: number;
  /** 0 is none. */
  readonly timeoutMs?: number;
  readonly onLost?: OnLost;
  /** Uploaded content, already stored, and where it goes. */
  readonly files: readonly FileReference[];
}
