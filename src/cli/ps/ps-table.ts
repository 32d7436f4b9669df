import type { ShownNode } from "../../core/membership/shown-node.ts";
import { isFinal, type TaskState } from "../../core/task/shown-state.ts";
import type { ShownTask } from "../../core/task/shown-task.ts";
import type { Filter } from "../filter.ts";
import { colourOf } from "../present/colour.ts";
import { countText } from "../present/count.ts";
import { shortIds } from "../present/short-id.ts";
import { renderTable, type Screen } from "../present/table.ts";
import { taskDetail } from "../present/task-detail.ts";
import { age, ranFor } from "../present/times.ts";

const headings = ["ID", "TYPE", "STATE", "NODE", "AGE", "RAN", ""];

/** The table of `blanket ps`, and a line that sums it up. */
export function renderPsTable(
  tasks: readonly ShownTask[],
  nodes: readonly ShownNode[],
  wish: { readonly filter: Filter; readonly all: boolean },
  screen: Screen & { readonly now: number },
): string {
  const { now } = screen;
  const short = shortIds(tasks.map(({ id }) => id));
  const rows = tasks.map((task) => [
    short(task.id),
    task.type,
    { text: task.state, colour: colourOf(task.state) },
    task.node ?? "-",
    age(task.createdAt, now),
    ranFor(task, now),
    taskDetail(task, now),
  ]);
  const table = rows.length === 0 ? "" : renderTable(headings, rows, screen);
  const isRecent = !wish.all && wish.filter.states === undefined;
  const parts = [sumTasks(tasks, isRecent, now), sumSlots(nodes)];
  if (tasks.length === wish.filter.limit) parts.push(cutOff(wish.filter.limit));
  return `${table}${parts.filter((part) => part !== "").join(" · ")}\n`;
}

function cutOff(limit: number): string {
  return `only the newest ${countText(limit)} are listed (-l ${limit * 10} for more)`;
}

/** Names of states that are counted one by one; the final ones count as ended. */
const openWords: Readonly<Partial<Record<TaskState, string>>> = {
  RUNNING: "running",
  CLAIMED: "starting",
  WAITING: "waiting",
  SCHEDULED: "scheduled",
  BLOCKED: "blocked",
  PAUSED: "paused",
  HELD: "held",
};

function sumTasks(tasks: readonly ShownTask[], isRecent: boolean, now: number): string {
  const counts = Object.entries(openWords).flatMap(([state, word]) => {
    const those = tasks.filter((task) => task.state === state);
    const [oldest] = those;
    if (oldest === undefined) return [];
    const since = state === "WAITING" ? ` (oldest ${age(oldest.createdAt, now)})` : "";
    return [`${countText(those.length)} ${word}${since}`];
  });
  const ended = tasks.filter(({ state }) => isFinal(state)).length;
  const when = isRecent ? " in the last hour" : "";
  if (ended > 0) counts.push(`${countText(ended)} ended${when}`);
  if (counts.length > 0) return counts.join(", ");
  return isRecent
    ? "nothing runs or waits, and nothing has ended in the last hour (-a lists all)"
    : "no such tasks";
}

function sumSlots(nodes: readonly ShownNode[]): string {
  const alive = nodes.filter(({ state }) => state === "alive");
  const total = alive.reduce((sum, { slots }) => sum + slots.total, 0);
  const free = alive.reduce((sum, { slots }) => sum + slots.free, 0);
  const where = alive.length === 1 ? "1 node" : `${alive.length} nodes`;
  return `${free} of ${total} ${total === 1 ? "slot" : "slots"} free on ${where}`;
}
