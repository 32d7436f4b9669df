import type { TaskQuery } from "../client/task-query.ts";
import { limits } from "../core/limits.ts";
import type { filterFlags, GivenFlags } from "./flag-table.ts";
import { readList, readStates, readWholeNumber } from "./read-flag.ts";

/** Which tasks a command is about, as flags say it. */
export type Filter = Pick<TaskQuery, "states" | "types" | "requiredTags" | "maxTags"> & {
  readonly limit: number;
};

/** @throws COMMAND_INVALID */
export function readFilter(given: GivenFlags<typeof filterFlags>): Filter {
  const { states, types, requiredTags, maxTags, limit } = given;
  return {
    states: states === undefined ? undefined : readStates("--states", states),
    types: types === undefined ? undefined : readList(types),
    requiredTags: requiredTags === undefined ? undefined : readList(requiredTags),
    maxTags: maxTags === undefined ? undefined : readList(maxTags),
    limit:
      limit === undefined
        ? limits.listDefault
        : readWholeNumber("--limit", limit, 1, limits.listMax),
  };
}
