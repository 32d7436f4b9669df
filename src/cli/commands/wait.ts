import { Command } from "@oclif/core/command";

import { durationAdvice, parseDuration } from "../../core/duration.ts";
import { BlanketError } from "../../core/errors.ts";
import { isFinal, taskStates, type TaskState } from "../../core/task/shown-state.ts";
import type { ShownTask } from "../../core/task/shown-task.ts";
import { bulkFlags } from "../change-tasks.ts";
import { connect } from "../connect.ts";
import { readFilter } from "../filter.ts";
import { connectionFlags, jsonFlag, type FlagTable } from "../flag-table.ts";
import { forEachId } from "../for-each-id.ts";
import { oclifFlags } from "../oclif-flags.ts";
import { taskSentence } from "../present/sentence.ts";
import { invalidFlag, readStates } from "../read-flag.ts";
import { asJson } from "../submit-and-tell.ts";
import { waitForTask } from "../task-end.ts";
import { idsArgument, resolveIds } from "../task-ids.ts";

const waitFlags = {
  for: { kind: "text", value: "STATE", summary: "Wait for this state; default: for the end." },
  timeout: { kind: "text", value: "TIME", summary: "Give up after that long, such as 5m." },
  ...bulkFlags,
  ...connectionFlags,
  ...jsonFlag,
} as const satisfies FlagTable;

export class Wait extends Command {
  static override summary = "Wait until tasks have ended; exit 1 unless all succeeded.";
  static override examples = [
    "blanket wait 0e4f 9ab0",
    "blanket wait last --for RUNNING --timeout 5m",
  ];
  static override args = { id: idsArgument };
  static override flags = oclifFlags(waitFlags);

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Wait);
    const wanted = readState(flags.for);
    const timeoutMs = readTimeout(flags.timeout);
    const client = connect(flags);
    const ids = await resolveIds(client, args.id, {
      verb: "Wait for",
      states: taskStates.filter((state) => !isFinal(state)),
      filter: readFilter(flags),
      yes: true,
    });
    await forEachId(
      ids,
      async (id) => {
        const task = await waitForTask(client, id, ({ state }) => state === wanted, {
          timeoutMs,
        });
        refuseOtherEnd(task, wanted ?? "SUCCESS");
        return flags.json ? asJson(task) : `${taskSentence(task, Date.now())}\n`;
      },
      ids.length,
    );
  }
}

function refuseOtherEnd(task: ShownTask, wanted: TaskState): void {
  if (task.state === wanted) return;
  throw new BlanketError("TASK_FAILED", `${taskSentence(task, Date.now())}.`, { id: task.id });
}

function readState(text: string | undefined): TaskState | undefined {
  if (text === undefined) return undefined;
  const [state, ...others] = readStates("--for", text);
  if (state !== undefined && others.length === 0) return state;
  throw invalidFlag("--for", text, "write one state");
}

function readTimeout(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const ms = parseDuration(text);
  if (ms !== undefined) return ms;
  throw invalidFlag("--timeout", text, durationAdvice);
}
