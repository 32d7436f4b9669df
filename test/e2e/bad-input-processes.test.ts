/**
 * Goal: a command that hides processes from its end, or that ignores TERM, is ended all the same,
 * and is said to have ended only when nothing of it is alive.
 * Method: one node, whose types end by themselves, at a timeout, or by `blanket cancel`; a bad
 * command leaves daemons (in sessions of their own, forked twice, without the task's environment)
 * or ignores TERM. Its processes carry a mark in their arguments, and each answer that tells an end
 * is held against /proc.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import type { ShownNode } from "../../src/core/membership/shown-node.ts";
import type { ShownTask } from "../../src/core/task/shown-task.ts";
import { createCli, type Cli } from "../support/cli.ts";
import { eventually } from "../support/eventually.ts";
import { processesWith } from "../support/keeper.ts";
import { startTestNode, type TestNode } from "../support/node.ts";

const finals = ["SUCCESS", "ERROR", "TIMEDOUT", "STOPPED", "LOST"];

/** What ends the command. */
const ways = ["itself", "its timeout", "blanket cancel"] as const;
type Way = (typeof ways)[number];

const endOfWay = {
  itself: { state: "ERROR", exitCode: 7 },
  "its timeout": { state: "TIMEDOUT" },
  "blanket cancel": { state: "STOPPED" },
} as const satisfies Record<Way, Partial<ShownTask>>;

/** `$MARK` stands among the arguments of each of the task's processes. */
const bad = {
  "leaves daemons": daemons("setsid"),
  "leaves daemons without its environment": daemons("setsid env -i"),
  "ignores TERM": `
trap '' TERM INT HUP
sh -c 'trap "" TERM INT HUP; while :; do sleep 0.2; done' "$MARK" &
`,
} as const;

/** One in the background, one forked twice; goes on when both are there. */
function daemons(detach: string): string {
  return `
hide='touch "$1"; while :; do sleep 0.2; done'
(${detach} sh -c "$hide" "$MARK" "$PWD/first" &) &
setsid sh -c '(${detach} sh -c "$1" "$2" "$PWD/second" &) &' sh "$hide" "$MARK"
until [ -e first ] && [ -e second ]; do sleep 0.05; done
`;
}

let node: TestNode;
let cli: Cli;
let types: string;

beforeAll(async () => {
  types = mkdtempSync(join(tmpdir(), "blanket-types-"));
  for (const [kind, start] of Object.entries(bad)) {
    for (const way of ways) {
      const end = way === "itself" ? "exit 7" : "while :; do sleep 0.2; done";
      const timeout = way === "its timeout" ? "1s" : "1h";
      const path = join(types, `${typeOf(kind, way)}.toml`);
      writeFileSync(path, typeText(`${start}\necho started\n${end}`, timeout));
    }
  }
  node = await startTestNode({ args: ["--types", types, "--slots", "1"] });
  cli = createCli(node.url);
});

afterAll(async () => {
  await node.dispose();
  rmSync(types, { recursive: true, force: true });
});

function typeText(command: string, timeout: string): string {
  return `
kill_grace = "1s"
timeout = "${timeout}"
command = '''${command}'''
[[environment.required]]
name = "MARK"
`;
}

/** The task once it has ended; at that moment nothing with the mark is alive. */
function ended(id: string, mark: string): Promise<ShownTask> {
  return eventually(`${id} has ended`, async () => {
    const now = await node.task(id);
    if (!finals.includes(now.state)) return false;
    expect(processesWith(mark)).toEqual([]);
    return now;
  });
}

describe.each(Object.keys(bad))("a command that %s", (kind) => {
  it.each(ways)("and is ended by %s has nothing alive then", async (way) => {
    const mark = `${kind} ${way} ${node.dataDirectory}`;
    const { id } = await node.submit({ type: typeOf(kind, way), environment: { MARK: mark } });
    const watched = ended(id, mark);
    if (way === "blanket cancel") {
      await eventually("it has started its processes", async () => {
        const log = await node.request("GET", `/task/${id}/log/tail`);
        return (await log.text()) === "started\n";
      });
      expect(processesWith(mark).length).toBeGreaterThan(0);
      const said = await cli.blanket("cancel", id);
      expect(processesWith(mark)).toEqual([]);
      expect(said).toMatchObject({ code: 0, err: "" });
      expect(said.out).toMatch(/stopped/);
    }
    expect(await watched).toMatchObject(endOfWay[way]);
    const [self] = (await (await node.request("GET", "/node/")).json()) as ShownNode[];
    expect(self?.slots).toEqual({ total: 1, free: 1 });
  });
});

function typeOf(kind: string, way: Way): string {
  return `${kind} ${way}`.replaceAll(" ", "-");
}
