import type { TaskQuery } from "../../client/task-query.ts";
import { BlanketError } from "../../core/errors.ts";
import type { ShownNode } from "../../core/membership/shown-node.ts";
import { isFinal, taskStates } from "../../core/task/shown-state.ts";
import type { ShownTask } from "../../core/task/shown-task.ts";
import { readFilter, type Filter } from "../filter.ts";
import type { GivenFlags, psFlags } from "../flag-table.ts";
import type { Screen } from "../present/table.ts";
import { renderTemplate } from "../present/template.ts";
import { renderPsTable } from "./ps-table.ts";

/** What `blanket ps` was asked. */
export interface PsWish {
  readonly filter: Filter;
  readonly all: boolean;
  readonly form:
    | { readonly kind: "table" }
    | { readonly kind: "ids" }
    | { readonly kind: "json" }
    | { readonly kind: "template"; readonly template: string };
}

/** A node, or what stands for one. */
export interface PsSource {
  tasks(query: TaskQuery): Promise<readonly ShownTask[]>;
  nodes(): Promise<readonly ShownNode[]>;
}

/** How long ended tasks are listed without being asked for. */
const recentMs = 3_600_000;

const openStates = taskStates.filter((state) => !isFinal(state));

/** @throws COMMAND_INVALID */
export function readPsWish(given: GivenFlags<typeof psFlags>): PsWish {
  const { json = false, quiet = false, all = false, template } = given;
  if (Number(json) + Number(quiet) + Number(template !== undefined) > 1) {
    throw new BlanketError("COMMAND_INVALID", "--json, --quiet and --template exclude each other.");
  }
  return { filter: readFilter(given), all, form: formOf(json, quiet, template) };
}

function formOf(json: boolean, quiet: boolean, template: string | undefined): PsWish["form"] {
  if (template !== undefined) return { kind: "template", template };
  if (json) return { kind: "json" };
  return { kind: quiet ? "ids" : "table" };
}

/**
 * What `blanket ps` prints: open tasks and those that ended within the last hour, oldest first.
 * States that are named, or `--all`, are listed whenever they ended.
 */
export async function ps(
  source: PsSource,
  wish: PsWish,
  screen: Screen & { readonly now: number },
): Promise<string> {
  const { form } = wish;
  const [tasks, nodes] = await Promise.all([
    listTasks(source, wish, screen.now),
    form.kind === "table" ? source.nodes() : [],
  ]);
  switch (form.kind) {
    case "table":
      return renderPsTable(tasks, nodes, wish, screen);
    case "ids":
      return tasks.map(({ id }) => `${id}\n`).join("");
    case "json":
      return `${JSON.stringify(tasks, undefined, 2)}\n`;
    case "template":
      return renderTemplate(form.template, tasks);
  }
}

async function listTasks(
  source: PsSource,
  { filter, all }: PsWish,
  now: number,
): Promise<readonly ShownTask[]> {
  // A limit is about the newest, and lists are read with the newest last.
  const query = { ...filter, reverseSort: true };
  if (all || filter.states !== undefined) return (await source.tasks(query)).toReversed();
  const since = String(Math.floor((now - recentMs) / 1_000));
  const [open, ended] = await Promise.all([
    source.tasks({ ...query, states: openStates }),
    source.tasks({ ...query, finishedAfter: since }),
  ]);
  // A task that ends between the two answers is in both.
  const byId = new Map([...open, ...ended].map((task) => [task.id, task]));
  return [...byId.values()].toSorted(oldestFirst).slice(-filter.limit);
}

function oldestFirst(a: ShownTask, b: ShownTask): number {
  if (a.createdAt !== b.createdAt) return a.createdAt < b.createdAt ? -1 : 1;
  return a.id < b.id ? -1 : 1;
}
