import { string } from "@oclif/core/args";
import { Command } from "@oclif/core/command";

import type { Client } from "../../client/client.ts";
import { BlanketError } from "../../core/errors.ts";
import { nearest } from "../../core/nearest.ts";
import { connect } from "../connect.ts";
import { readFilter, type Filter } from "../filter.ts";
import { connectionFlags, filterFlags, jsonFlag, type FlagTable } from "../flag-table.ts";
import { oclifFlags } from "../oclif-flags.ts";
import { renderNodes, renderTasks, renderTypes, renderWorkers } from "../present/lists.ts";
import type { Screen } from "../present/table.ts";
import { readScreen } from "../screen.ts";
import { asJson } from "../submit-and-tell.ts";
import { print } from "../terminal.ts";

const lsFlags = {
  ...filterFlags,
  quiet: { kind: "switch", char: "q", summary: "Print ids or names only." },
  ...connectionFlags,
  ...jsonFlag,
} as const satisfies FlagTable;

const kinds = ["tasks", "types", "tasktypes", "workers", "nodes"] as const;
type Kind = (typeof kinds)[number];

export class Ls extends Command {
  static override summary = "List tasks, task types, workers or nodes.";
  static override examples = [
    "blanket ls tasks -s WAITING",
    "blanket ls types",
    "blanket ls nodes",
  ];
  static override args = {
    kind: string({
      required: true,
      ignoreStdin: true,
      description: "tasks, types (or tasktypes), workers or nodes.",
    }),
  };
  static override flags = oclifFlags(lsFlags);

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Ls);
    const kind = readKind(args.kind);
    const filter = readFilter(flags);
    if (kind !== "tasks") refuseTaskFilter(kind, filter);
    const list = await lists[kind](connect(flags), filter);
    if (flags.json) await print(asJson(list.rows));
    else if (flags.quiet) await print(list.names.map((name) => `${name}\n`).join(""));
    else if (list.names.length === 0) await print(`no ${kind}\n`);
    else await print(list.render({ ...readScreen(process.env), now: Date.now() }));
  }
}

interface List {
  readonly rows: readonly object[];
  readonly names: readonly string[];
  render(screen: Screen & { readonly now: number }): string;
}

const lists: Readonly<Record<Kind, (client: Client, filter: Filter) => Promise<List>>> = {
  tasks: listTasks,
  types: listTypes,
  tasktypes: listTypes,
  workers: listWorkers,
  nodes: listNodes,
};

async function listTasks(client: Client, filter: Filter): Promise<List> {
  const [newestFirst, workers] = await Promise.all([
    client.tasks({ ...filter, reverseSort: true }),
    client.workers(),
  ]);
  const rows = newestFirst.toReversed();
  return {
    rows,
    names: rows.map(({ id }) => id),
    render: (screen) => renderTasks(rows, workers, screen),
  };
}

async function listTypes(client: Client, filter: Filter): Promise<List> {
  const rows = (await client.taskTypes()).filter(({ tags }) =>
    tagsFit(Array.isArray(tags) ? tags.map(String) : [], filter),
  );
  return {
    rows,
    names: rows.map(({ name }) => name),
    render: (screen) => renderTypes(rows, screen),
  };
}

async function listWorkers(client: Client, filter: Filter): Promise<List> {
  const rows = (await client.workers()).filter(({ tags }) => tagsFit(tags, filter));
  return {
    rows,
    names: rows.map(({ id }) => id),
    render: (screen) => renderWorkers(rows, screen),
  };
}

async function listNodes(client: Client, filter: Filter): Promise<List> {
  const rows = (await client.nodes()).filter(({ tags }) => tagsFit(tags, filter));
  return {
    rows,
    names: rows.map(({ name }) => name),
    render: (screen) => renderNodes(rows, screen),
  };
}

function tagsFit(tags: readonly string[], { requiredTags, maxTags }: Filter): boolean {
  const hasAll = requiredTags?.every((tag) => tags.includes(tag)) ?? true;
  return hasAll && (maxTags === undefined || tags.every((tag) => maxTags.includes(tag)));
}

function readKind(text: string): Kind {
  const wanted = text.toLowerCase().replaceAll(/[-_]/g, "");
  const kind = kinds.find((known) => known === wanted || known === `${wanted}s`);
  if (kind !== undefined) return kind;
  const close = nearest(wanted, kinds);
  const advice =
    close === undefined ? "it lists tasks, types, workers or nodes." : `did you mean ${close}?`;
  throw new BlanketError("COMMAND_INVALID", `\`blanket ls\` does not list ${text}; ${advice}`);
}

function refuseTaskFilter(kind: Kind, { states, types }: Filter): void {
  const flag = states === undefined ? "--types" : "--states";
  if (states === undefined && types === undefined) return;
  throw new BlanketError("COMMAND_INVALID", `${flag} is about tasks and does not filter ${kind}.`);
}
