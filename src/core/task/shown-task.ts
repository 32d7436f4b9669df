import type { TaskState } from "./shown-state.ts";
import type { FileReference, OnLost } from "./spec.ts";

/** One attempt of a task, as users see it. */
export interface ShownAttempt {
  readonly attempt: number;
  readonly node: string;
  readonly workerId: string;
  readonly pid: number;
  readonly startedAt: string;
  readonly finishedAt: string | null;
  readonly exitCode: number | null;
  readonly signal: string | null;
  readonly reason: string | null;
}

/**
 * A task as REST answers it. Fields of the original Blanket keep its empty values (0, ""); fields
 * added since are null where there is nothing to say. `…Ts` are unix seconds, `…At` RFC 3339.
 */
export interface ShownTask {
  readonly id: string;
  readonly type: string;
  readonly state: TaskState;
  readonly reason: string | null;
  readonly progress: number;
  readonly progressNote: string | null;
  readonly tags: readonly string[];
  /** The merged environment, values whose names look secret masked. */
  readonly defaultEnv: Readonly<Record<string, string>>;
  readonly pid: number;
  readonly workerId: string;
  readonly node: string | null;
  readonly resultDir: string;
  readonly typeDigest: string;
  /** Seconds; 0 is none. */
  readonly timeout: number;
  readonly priority: number;
  readonly key: string | null;
  readonly onLost: OnLost;
  readonly attempt: number;
  readonly attempts: readonly ShownAttempt[];
  readonly exitCode: number | null;
  readonly signal: string | null;
  readonly files: readonly FileReference[];
  readonly voters: readonly string[];
  readonly submittedBy: string;
  readonly retryOf: string | null;
  readonly createdTs: number;
  readonly createdAt: string;
  readonly startedTs: number;
  readonly startedAt: string | null;
  readonly finishedTs: number;
  readonly finishedAt: string | null;
  readonly lastUpdatedTs: number;
  readonly lastUpdatedAt: string;
  readonly notBefore: string | null;
  readonly expires: string | null;
}
