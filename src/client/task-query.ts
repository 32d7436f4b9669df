import type { TaskState } from "../core/task/shown-state.ts";

/** Which tasks to list: an absent field does not restrict. */
export interface TaskQuery {
  readonly states?: readonly TaskState[] | undefined;
  readonly types?: readonly string[] | undefined;
  readonly requiredTags?: readonly string[] | undefined;
  /** An empty list leaves the tasks without tags. */
  readonly maxTags?: readonly string[] | undefined;
  /** Unix seconds or RFC 3339. */
  readonly finishedAfter?: string | undefined;
  readonly node?: string | undefined;
  readonly limit?: number | undefined;
  /** Newest first. */
  readonly reverseSort?: boolean | undefined;
  /** Answer how many there are. */
  readonly count?: boolean | undefined;
}

/** Path and query of `GET /task/`. */
export function taskListPath(query: TaskQuery): string {
  const pairs = Object.entries(query).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}=${encodeURIComponent(String(value))}`],
  );
  return pairs.length === 0 ? "/task/" : `/task/?${pairs.join("&")}`;
}
