import type { Outcome } from "./register/value.ts";

/**
 * The start journal of an owner (PROTOCOL section 6): written and synced before the keeper is told
 * to start (task, attempt), so that after a crash nothing is started twice or forgotten.
 */
export type JournalEntry =
  | JournalStarting
  | { readonly kind: "void" }
  | { readonly kind: "exited"; readonly outcome: Outcome }
  | { readonly kind: "lost" };

/** The attempt may have been started; everything needed to tell others about it later. */
export interface JournalStarting {
  readonly kind: "starting";
  /** The kernel's boot id: processes do not outlive it. */
  readonly kernelBootId: string;
  /** Unix milliseconds. */
  readonly startedAt: number;
  readonly worker: string;
  readonly typeDigest: string;
  readonly timeoutMs: number;
  readonly killGraceMs: number;
  readonly typeEnvironment: Readonly<Record<string, string>>;
}

/** How a run ended, as the keeper saw it. */
export interface RunEnd {
  readonly cause: "exited" | "timedout" | "stopped" | "unstartable" | "lost";
  /** Unix milliseconds. */
  readonly at: number;
  readonly exitCode?: number;
  /** `SIGKILL`, `SIGSEGV` … */
  readonly signal?: string;
  readonly reason?: string;
}

/** What the runner finds out about an attempt whose journal says `starting`. */
export type RunFacts =
  /** A keeper lives and runs it, or a process of a dead keeper is watched: an end will be told. */
  | { readonly kind: "running"; readonly pid: number; readonly startedAt: number }
  | {
      readonly kind: "ended";
      readonly pid: number;
      readonly startedAt: number;
      readonly end: RunEnd;
    }
  /** It was never started, and now never will be. */
  | { readonly kind: "voided" }
  /** It was started, its process is gone, and nobody saw the end. */
  | { readonly kind: "vanished"; readonly pid: number; readonly startedAt: number };
