import type { Static } from "typebox";

import { BlanketError } from "../core/errors.ts";
import { limits } from "../core/limits.ts";
import { nearest } from "../core/nearest.ts";
import { parseTime, timeAdvice } from "../core/parse-time.ts";
import type { TaskFilter, TaskPage } from "../core/task/filter.ts";
import { taskStates, type TaskState } from "../core/task/shown-state.ts";
import type { listTasks } from "./routes/tasks.ts";
import { splitCommas } from "./text-checks.ts";

/** What `GET /task/` asks. */
export interface ParsedTaskQuery {
  readonly filter: TaskFilter;
  readonly page: TaskPage;
  /** Only how many there are is asked. */
  readonly count: boolean;
}

const times = ["createdAfter", "createdBefore", "finishedAfter", "finishedBefore"] as const;

/**
 * Makes values of a checked query. An empty list does not restrict, but for `maxTags`: there it
 * leaves the tasks without tags.
 *
 * @throws QUERY_INVALID
 */
export function parseTaskQuery(query: Static<typeof listTasks.query>): ParsedTaskQuery {
  const { types, requiredTags, maxTags, node, search } = query;
  const states = list(query.states)?.map(parseState);
  const typeList = list(types);
  const required = list(requiredTags);
  return {
    filter: {
      ...(states === undefined ? {} : { states }),
      ...(typeList === undefined ? {} : { types: typeList }),
      ...(required === undefined ? {} : { requiredTags: required }),
      ...(maxTags === undefined ? {} : { maxTags: splitCommas(maxTags) }),
      ...parseTimes(query),
      ...(node === undefined || node === "" ? {} : { node }),
      ...(search === undefined || search === "" ? {} : { search }),
    },
    page: {
      limit: query.limit ?? limits.listDefault,
      offset: query.offset ?? 0,
      newestFirst: query.reverseSort ?? false,
    },
    count: query.count ?? false,
  };
}

function list(text: string | undefined): readonly string[] | undefined {
  const parts = text === undefined ? [] : splitCommas(text);
  return parts.length === 0 ? undefined : parts;
}

function parseState(text: string): TaskState {
  const wanted = text.toUpperCase();
  const state = taskStates.find((known) => known === wanted);
  if (state !== undefined) return state;
  const close = nearest(wanted, taskStates);
  const advice =
    close === undefined ? `they are ${taskStates.join(", ")}.` : `did you mean ${close}?`;
  throw new BlanketError(
    "QUERY_INVALID",
    `there is no state ${JSON.stringify(text.slice(0, 80))}; ${advice}`,
    { field: "states" },
  );
}

function parseTimes(
  query: Static<typeof listTasks.query>,
): Partial<Record<(typeof times)[number], number>> {
  const parsed: Partial<Record<(typeof times)[number], number>> = {};
  for (const name of times) {
    const text = query[name];
    if (text === undefined) continue;
    // A plus sign in a query means a space: +02:00 arrives as " 02:00".
    const time = parseTime(text.replace(/ (\d\d:\d\d)$/, "+$1"));
    if (time === undefined) {
      const given = JSON.stringify(text.slice(0, 80));
      throw new BlanketError(
        "QUERY_INVALID",
        `${name} is ${given}, which is no time; ${timeAdvice}.`,
        { field: name },
      );
    }
    parsed[name] = time;
  }
  return parsed;
}
