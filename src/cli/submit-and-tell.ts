import type { Client } from "../client/client.ts";
import type { UploadFile } from "../client/multipart.ts";
import type { NewTask, SubmittedTask } from "../client/submit.ts";
import { isFinal } from "../core/task/shown-state.ts";
import type { FlagTable, GivenFlags } from "./flag-table.ts";
import { submittedSentence, taskSentence } from "./present/sentence.ts";
import { followTask, reportEnd, waitForTask } from "./task-end.ts";
import { print, say } from "./terminal.ts";

/** How much is told of a task that is handed in. */
export const tellFlags = {
  wait: { kind: "switch", summary: "Wait until the task has ended; exit 1 unless it succeeded." },
  follow: { kind: "switch", summary: "Print its log until it has ended, and wait as --wait does." },
  "exit-code": {
    kind: "switch",
    summary: "With --wait or --follow: exit with the task's own code.",
  },
  quiet: { kind: "switch", char: "q", summary: "Print the id only." },
} as const satisfies FlagTable;

type Tell = GivenFlags<typeof tellFlags> & { readonly json?: boolean | undefined };

/** Hands a task in and tells what becomes of it, as far as is wanted. */
export async function submitAndTell(
  client: Client,
  task: NewTask,
  files: readonly UploadFile[],
  tell: Tell,
): Promise<void> {
  const submitted = await client.submit(task, files);
  tellWarnings(submitted);
  if (tell.follow === true) await follow(client, submitted, tell);
  else if (tell.wait === true) await wait(client, submitted, tell);
  else if (tell.json === true)
    await print(asJson({ ...submitted.task, warnings: submitted.warnings }));
  else await print(`${firstLine(submitted, tell)}\n`);
}

function firstLine({ task, created }: SubmittedTask, { quiet }: Tell): string {
  return quiet === true ? task.id : submittedSentence(task, created, Date.now());
}

async function follow(client: Client, submitted: SubmittedTask, tell: Tell): Promise<void> {
  // stdout is the task's own here.
  if (tell.json !== true) say(firstLine(submitted, tell));
  const ended = await followTask(client, submitted.task.id);
  if (ended === undefined) return;
  if (tell.json === true) await print(asJson(ended));
  reportEnd(ended, tell["exit-code"] === true);
}

async function wait(client: Client, submitted: SubmittedTask, tell: Tell): Promise<void> {
  const { task } = submitted;
  if (tell.json !== true) await print(`${firstLine(submitted, tell)}\n`);
  const seenAt = Date.now();
  const ended = isFinal(task.state)
    ? task
    : await waitForTask(client, task.id, () => false, { seenAt });
  if (tell.json === true) await print(asJson(ended));
  else if (tell.quiet !== true && ended.state === "SUCCESS" && ended !== task) {
    await print(`${taskSentence(ended, Date.now())}\n`);
  }
  reportEnd(ended, tell["exit-code"] === true);
}

/** A warning that the task's own state tells too is told once. */
function tellWarnings({ task, warnings }: SubmittedTask): void {
  if (task.state === "WAITING" && task.reason !== null) return;
  for (const warning of warnings) say(`blanket: warning: ${warning}`);
}

export function asJson(value: unknown): string {
  return `${JSON.stringify(value, undefined, 2)}\n`;
}
