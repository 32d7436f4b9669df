import type { TaskState } from "./shown-state.ts";

/** Which tasks; an absent field does not restrict. Times in unix milliseconds. */
export interface TaskFilter {
  readonly states?: readonly TaskState[];
  readonly types?: readonly string[];
  /** The task names all of these. */
  readonly requiredTags?: readonly string[];
  /** The task names none but these. */
  readonly maxTags?: readonly string[];
  readonly createdAfter?: number;
  readonly createdBefore?: number;
  readonly finishedAfter?: number;
  readonly finishedBefore?: number;
  readonly node?: string;
  /** Occurs in the id, type, key, tags or environment values. */
  readonly search?: string;
}

/** Which part of a list, in which order. */
export interface TaskPage {
  readonly limit: number;
  readonly offset: number;
  /** Newest first; otherwise oldest first. */
  readonly newestFirst: boolean;
}
