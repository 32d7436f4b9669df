import { formatDuration } from "../../core/duration.ts";
import type { ShownNode } from "../../core/membership/shown-node.ts";
import type { ShownTaskType } from "../../core/task-type/shown-type.ts";
import { taskStates } from "../../core/task/shown-state.ts";
import type { ShownTask } from "../../core/task/shown-task.ts";
import type { ShownWorker } from "../../core/worker.ts";
import { colourOf } from "./colour.ts";
import { shortId, shortIds } from "./short-id.ts";
import { renderTable, type Screen } from "./table.ts";
import { taskDetail } from "./task-detail.ts";
import { age } from "./times.ts";
import { fit } from "./width.ts";

/** Columns of a terminal that tags may take where something stands behind them. */
const tagColumnsMax = 30;

/** Tasks by state and tags. One that waits and that no live worker has the tags for stands out. */
export function renderTasks(
  tasks: readonly ShownTask[],
  workers: readonly ShownWorker[],
  screen: Screen & { readonly now: number },
): string {
  const short = shortIds(tasks.map(({ id }) => id));
  const rows = tasks.toSorted(byStateAndTags).map((task) => [
    short(task.id),
    {
      text: task.state,
      colour: isUnrunnable(task, workers) ? ("red" as const) : colourOf(task.state),
    },
    screen.columns === undefined ? tagText(task.tags) : fit(tagText(task.tags), tagColumnsMax),
    task.type,
    age(task.createdAt, screen.now),
    taskDetail(task, screen.now),
  ]);
  return renderTable(["ID", "STATE", "TAGS", "TYPE", "AGE", ""], rows, screen);
}

function byStateAndTags(a: ShownTask, b: ShownTask): number {
  const byState = taskStates.indexOf(a.state) - taskStates.indexOf(b.state);
  if (byState !== 0) return byState;
  const [left, right] = [a.tags.join(), b.tags.join()];
  if (left !== right) return left < right ? -1 : 1;
  return 0;
}

function isUnrunnable({ state, tags }: ShownTask, workers: readonly ShownWorker[]): boolean {
  if (state !== "WAITING") return false;
  return !workers.some(
    (worker) =>
      (worker.state === "idle" || worker.state === "running") &&
      tags.every((tag) => worker.tags.includes(tag)),
  );
}

/** Task types with what makes one unusable. */
export function renderTypes(types: readonly ShownTaskType[], screen: Screen): string {
  const rows = types.map((type) => [
    type.name,
    type.valid ? { text: "yes" } : { text: "no", colour: "red" as const },
    tagText(Array.isArray(type.tags) ? type.tags : []),
    timeoutText(type.timeout),
    type.valid ? plainText(type.description) : (type.problems[0]?.message ?? ""),
  ]);
  return renderTable(["NAME", "VALID", "TAGS", "TIMEOUT", "DESCRIPTION"], rows, screen);
}

/** As the file says it: seconds, or a text such as `1h`. */
function timeoutText(timeout: unknown): string {
  if (typeof timeout === "string") return timeout;
  return typeof timeout === "number" ? formatDuration(timeout * 1_000) : "-";
}

function plainText(value: unknown): string {
  return typeof value === "string" ? value.replaceAll(/\s+/g, " ").trim() : "";
}

/** Workers with what they do. */
export function renderWorkers(workers: readonly ShownWorker[], screen: Screen): string {
  const rows = workers.map((worker) => [
    worker.id,
    worker.node,
    { text: worker.state, colour: worker.state === "running" ? ("green" as const) : undefined },
    worker.task === null ? "-" : shortId(worker.task),
    worker.kind,
    tagText(worker.tags),
  ]);
  return renderTable(["ID", "NODE", "STATE", "TASK", "KIND", "TAGS"], rows, screen);
}

/** Nodes with what they have room for. */
export function renderNodes(nodes: readonly ShownNode[], screen: Screen): string {
  const rows = nodes.map((node) => [
    node.name,
    { text: node.state, colour: node.state === "alive" ? undefined : ("red" as const) },
    `${node.slots.free} of ${node.slots.total}`,
    node.version,
    tagText(node.tags),
  ]);
  return renderTable(["NAME", "STATE", "FREE SLOTS", "VERSION", "TAGS"], rows, screen);
}

function tagText(tags: readonly unknown[]): string {
  return tags.length === 0 ? "-" : tags.map(String).join(",");
}
