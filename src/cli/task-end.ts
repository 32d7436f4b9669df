import { constants } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";

import type { Client } from "../client/client.ts";
import { mayPass } from "../client/failures.ts";
import type { LogWish } from "../client/log.ts";
import { BlanketError } from "../core/errors.ts";
import { isFinal } from "../core/task/shown-state.ts";
import type { ShownTask } from "../core/task/shown-task.ts";
import { taskSentence } from "./present/sentence.ts";
import { shortId } from "./present/short-id.ts";
import { reportFailure } from "./report-failure.ts";
import { interruption, print, say } from "./terminal.ts";

/** Pauses between looks: at first often, since most tasks that are waited for are short. */
const firstPauseMs = 20;
const lastPauseMs = 1_000;

/** How long a node may be away while its task is waited for: time enough for a restart. */
const absenceMsMax = 30_000;

/**
 * Looks at a task until `isThere`, or until it has ended. A node that was seen (at `seenAt`, or
 * since) may be away for a while; one that was not is an error at once.
 * @throws WAIT_TIMEOUT after `timeoutMs`
 */
export async function waitForTask(
  client: Client,
  id: string,
  isThere: (task: ShownTask) => boolean,
  { timeoutMs = Infinity, seenAt: seenBefore = -Infinity } = {},
): Promise<ShownTask> {
  const from = Date.now();
  let seenAt = seenBefore;
  for (let pause = firstPauseMs; ; pause = Math.min(pause * 1.5, lastPauseMs)) {
    const task = await lookAt(client, id, seenAt);
    if (task !== undefined) {
      seenAt = Date.now();
      if (isThere(task) || isFinal(task.state)) return task;
    }
    const left = from + timeoutMs - Date.now();
    if (left <= 0) throw waitTimeout(task?.id ?? id);
    await sleep(Math.min(pause, left));
  }
}

/** Undefined while the node is away for not too long after it was seen. */
async function lookAt(client: Client, id: string, seenAt: number): Promise<ShownTask | undefined> {
  try {
    return await client.task(id);
  } catch (error) {
    if (mayPass(error) && Date.now() - seenAt < absenceMsMax) return undefined;
    throw error;
  }
}

function waitTimeout(id: string): BlanketError {
  return new BlanketError(
    "WAIT_TIMEOUT",
    `${shortId(id)} is not there within the time; \`blanket wait ${shortId(id)}\` waits on.`,
    { id },
  );
}

/**
 * Prints a task's log until the task has ended, and answers with the task as it is then; undefined
 * where Ctrl-C ended the watching and not the task.
 */
export async function followTask(
  client: Client,
  id: string,
  wish: Pick<LogWish, "stream" | "attempt"> = { stream: "both" },
): Promise<ShownTask | undefined> {
  const signal = interruption();
  try {
    for await (const item of client.followLog(id, { ...wish, signal })) {
      if (item.kind === "end") break;
      // Asked for alone, what goes to stderr is what the command is about.
      if (item.stream === "stdout" || wish.stream === "stderr") await print(`${item.text}\n`);
      else process.stderr.write(`${item.text}\n`);
    }
  } catch (error) {
    if (!signal.aborted) throw error;
    const short = shortId(id);
    say(
      `${short} goes on; \`blanket logs -f ${short}\` follows it, \`blanket cancel ${short}\` ends it.`,
    );
    process.exitCode = 130;
    return undefined;
  }
  return client.task(id);
}

/** Makes a failed task a failed command. `pass` hands the task's own exit code on. */
export function reportEnd(task: ShownTask, pass: boolean): void {
  if (task.state === "SUCCESS") return;
  const short = shortId(task.id);
  const log = task.startedAt === null ? "" : `; \`blanket logs ${short}\` shows its output`;
  const code = reportFailure(
    new BlanketError("TASK_FAILED", `${taskSentence(task, Date.now())}${log}.`, { id: task.id }),
  );
  process.exitCode = (pass ? ownCode(task) : undefined) ?? code;
}

/** As a shell would have it: a signal is 128 and its number. */
function ownCode({ exitCode, signal }: ShownTask): number | undefined {
  if (signal === null) return exitCode || undefined;
  const number = Object.entries(constants.signals).find(([name]) => name === signal)?.[1];
  return number === undefined ? undefined : 128 + number;
}
