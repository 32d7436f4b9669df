import type { Client } from "../client/client.ts";
import type { TaskState } from "../core/task/shown-state.ts";
import type { ShownTask } from "../core/task/shown-task.ts";
import { connect } from "./connect.ts";
import { readFilter } from "./filter.ts";
import {
  connectionFlags,
  filterFlags,
  jsonFlag,
  type FlagTable,
  type GivenFlags,
} from "./flag-table.ts";
import { forEachId } from "./for-each-id.ts";
import { taskSentence } from "./present/sentence.ts";
import { asJson } from "./submit-and-tell.ts";
import { resolveIds } from "./task-ids.ts";

/** What `all` is narrowed by. */
export const bulkFlags = filterFlags;

/** Flags of commands that change tasks. */
export const changeFlags = {
  ...bulkFlags,
  yes: { kind: "switch", char: "y", summary: "With `all`: do not ask." },
  quiet: { kind: "switch", char: "q", summary: "Print ids only." },
  ...connectionFlags,
  ...jsonFlag,
} as const satisfies FlagTable;

/** A change that can be asked for one task after the other. */
export interface TaskChange {
  /** For the question in front of many: `Cancel 3 tasks?`. */
  readonly verb: string;
  /** What `all` stands for unless states are named. */
  readonly states: readonly TaskState[];
  change(client: Client, id: string): Promise<ShownTask>;
}

/** Changes the tasks that were named and tells of each how it stands then. */
export async function changeTasks(
  words: readonly string[],
  flags: GivenFlags<typeof changeFlags>,
  { verb, states, change }: TaskChange,
): Promise<void> {
  const filter = readFilter(flags);
  const client = connect(flags);
  const ids = await resolveIds(client, words, { verb, states, filter, yes: flags.yes === true });
  await forEachId(ids, async (id) => {
    const task = await change(client, id);
    if (flags.json === true) return asJson(task);
    return flags.quiet === true ? `${task.id}\n` : `${taskSentence(task, Date.now())}\n`;
  });
}
