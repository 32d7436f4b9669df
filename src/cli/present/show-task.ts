import { formatDuration } from "../../core/duration.ts";
import type { ShownAttempt, ShownTask } from "../../core/task/shown-task.ts";
import { colourOf, paint } from "./colour.ts";
import { shortId } from "./short-id.ts";
import { endText, taskDetail } from "./task-detail.ts";
import { age, ranFor } from "./times.ts";
import { harmless } from "./width.ts";

type Row = readonly [label: string, value: string];

/** Everything known of a task, a line for each fact that there is. */
export function renderTask(
  task: ShownTask,
  { now, colour }: { readonly now: number; readonly colour: boolean },
): string {
  const rows: readonly Row[] = [
    ["id", task.id],
    ["type", task.type],
    ["state", stateText(task, now, colour)],
    ...placeRows(task),
    ...timeRows(task, now),
    ...wishRows(task),
    ...attemptRows(task.attempts),
    ...task.files.map(({ path, sizeBytes }): Row => ["file", `${path} (${sizeBytes} bytes)`]),
    ...Object.entries(task.defaultEnv).map(([name, value]): Row => [
      "variable",
      harmless(`${name}=${value}`),
    ]),
    ["results", task.resultDir],
    ["log", `blanket logs ${shortId(task.id)}`],
  ];
  const width = rows.reduce((most, [label]) => Math.max(most, label.length), 0);
  let last = "";
  return rows
    .map(([label, value]) => {
      const shown = label === last ? "" : label;
      last = label;
      return `${shown.padEnd(width)}  ${value}\n`;
    })
    .join("");
}

function stateText(task: ShownTask, now: number, colour: boolean): string {
  const detail = harmless(taskDetail(task, now));
  const state = paint(task.state, colourOf(task.state), colour);
  return detail === "" ? state : `${state}: ${detail}`;
}

function placeRows({ node, workerId, pid }: ShownTask): readonly Row[] {
  if (node === null) return [];
  const worker = workerId === "" ? "" : `, worker ${workerId}`;
  const process = pid === 0 ? "" : `, process ${pid}`;
  return [["node", `${node}${worker}${process}`]];
}

function timeRows(task: ShownTask, now: number): readonly Row[] {
  const { createdAt, startedAt, finishedAt, notBefore, expires, submittedBy } = task;
  return [
    ["created", `${age(createdAt, now)} ago by ${submittedBy} (${createdAt})`],
    ...(notBefore === null ? [] : [["not before", notBefore] as const]),
    ...(expires === null ? [] : [["expires", expires] as const]),
    ...(startedAt === null
      ? []
      : [["started", `${age(startedAt, now)} ago (${startedAt})`] as const]),
    ...(finishedAt === null
      ? []
      : [
          [
            "ended",
            `${age(finishedAt, now)} ago, ran ${ranFor(task, now)} (${finishedAt})`,
          ] as const,
        ]),
  ];
}

function wishRows(task: ShownTask): readonly Row[] {
  const { tags, priority, key, timeout, onLost, retryOf } = task;
  return [
    ...(tags.length === 0 ? [] : [["needs", tags.join(", ")] as const]),
    ...(priority === 0 ? [] : [["priority", String(priority)] as const]),
    ...(key === null ? [] : [["key", key] as const]),
    ["timeout", timeout === 0 ? "none" : formatDuration(timeout * 1_000)],
    ["if lost", onLost],
    ...(retryOf === null ? [] : [["retry of", retryOf] as const]),
  ];
}

/** One attempt says nothing that is not said above. */
function attemptRows(attempts: readonly ShownAttempt[]): readonly Row[] {
  if (attempts.length < 2) return [];
  return attempts.map((attempt) => {
    const { node, startedAt, finishedAt, reason } = attempt;
    const end = endText(attempt) || reason || (finishedAt === null ? "goes on" : "ended");
    return ["attempts", `${attempt.attempt} on ${node}, ${startedAt}: ${harmless(end)}`];
  });
}
