import { string } from "@oclif/core/args";

import type { Client } from "../client/client.ts";
import { BlanketError } from "../core/errors.ts";
import type { TaskState } from "../core/task/shown-state.ts";
import type { Filter } from "./filter.ts";
import { confirm, readStdin } from "./terminal.ts";

/** The argument `ID…` of commands about tasks. */
export const idsArgument = string({
  multiple: true,
  required: true,
  ignoreStdin: true,
  description: "Ids or their first digits; `last`, `all`, or - to read them from stdin.",
});

/** The argument `ID` of commands about one task. */
export const idArgument = string({
  required: true,
  ignoreStdin: true,
  description: "An id or its first digits; `last` is the newest task.",
});

/** What `all` means for a command. */
export interface AllOf {
  /** For the question: `Cancel 3 tasks?`. */
  readonly verb: string;
  /** States that it can be done in; what a filter names beats it. */
  readonly states?: readonly TaskState[];
  readonly filter: Filter;
  /** Do not ask. */
  readonly yes: boolean;
}

/**
 * Ids as typed, made ids that a node knows: `-` stands for what stdin says, `last` for the newest
 * task, `all` for every task that the filter leaves.
 *
 * @throws TASK_UNKNOWN where `last` is asked and there is none, COMMAND_INVALID for mistakes
 */
export async function resolveIds(
  client: Client,
  words: readonly string[],
  all?: AllOf,
): Promise<readonly string[]> {
  const ids: string[] = [];
  for (const word of words) {
    if (word === "-") ids.push(...(await readStdin()).split(/\s+/).filter((id) => id !== ""));
    else if (word === "last") ids.push(await lastId(client));
    else if (word === "all") ids.push(...(await allIds(client, all)));
    else ids.push(word);
  }
  return [...new Set(ids)];
}

/** One id as typed. */
export async function resolveId(client: Client, word: string): Promise<string> {
  return word === "last" ? lastId(client) : word;
}

async function lastId(client: Client): Promise<string> {
  const [newest] = await client.tasks({ limit: 1, reverseSort: true });
  if (newest !== undefined) return newest.id;
  throw new BlanketError(
    "TASK_UNKNOWN",
    "there is no last task, since there are none yet; `blanket submit TYPE` makes one.",
  );
}

async function allIds(client: Client, all: AllOf | undefined): Promise<readonly string[]> {
  if (all === undefined) {
    throw new BlanketError("COMMAND_INVALID", "all can't be said here; name one task.");
  }
  const { filter, verb, yes } = all;
  const query = { ...filter, states: filter.states ?? all.states, reverseSort: true };
  const tasks = (await client.tasks(query)).toReversed();
  if (tasks.length === 0 || yes) return tasks.map(({ id }) => id);
  const what = tasks.length === 1 ? "1 task" : `${tasks.length} tasks`;
  await confirm(`${verb} ${what}?`);
  return tasks.map(({ id }) => id);
}
