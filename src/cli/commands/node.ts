import { Command } from "@oclif/core/command";

import type { NodeFlags, RunningNode } from "../../contract/config.ts";
import type { FlagTable } from "../flag-table.ts";
import { oclifFlags } from "../oclif-flags.ts";
import { renderFarewell, renderGreeting } from "../present/greeting.ts";
import { reportFailure } from "../report-failure.ts";
import { readScreen } from "../screen.ts";
import { say } from "../terminal.ts";

const nodeFlags = {
  name: { kind: "text", value: "NAME", summary: "The node's name; default: the host's." },
  http: {
    kind: "text",
    value: "HOST:PORT",
    summary: "Where REST listens; default 127.0.0.1:8773.",
  },
  data: {
    kind: "text",
    value: "DIR",
    summary:
      "Data directory; default $BLANKET_DATA, else $XDG_DATA_HOME/blanket, else ~/.local/share/blanket.",
  },
  types: {
    kind: "texts",
    value: "DIR",
    summary:
      "Task types, beside ./task-types and the shipped ones; repeatable, the first of a name wins.",
  },
  tags: { kind: "text", char: "t", value: "TAGS", summary: "Tags beside those that are detected." },
  slots: {
    kind: "text",
    char: "n",
    value: "N",
    summary: "Tasks that run at once; 0 takes no work; default: one for each CPU.",
  },
  config: {
    kind: "text",
    value: "FILE",
    summary: "A TOML file with any of these; none is needed.",
  },
  insecure: { kind: "switch", summary: "Let --http be an address that other machines reach." },
  "stop-tasks": { kind: "switch", summary: "End running tasks when the node stops." },
} as const satisfies FlagTable;

export class Node extends Command {
  static override summary = "Run this machine's node in the foreground; so does bare `blanket`.";
  static override examples = [
    "blanket node",
    "blanket node -n 2 -t gpu",
    "blanket node --http 127.0.0.1:8783 --data ~/blanket-2 --name second",
  ];
  static override flags = oclifFlags(nodeFlags);

  async run(): Promise<void> {
    const { flags } = await this.parse(Node);
    const { "stop-tasks": stopTasks, ...others } = flags;
    const given: NodeFlags = { ...others, stopTasks };
    process.title = "blanket node";
    const { startNode } = await import("../../node/start.ts");
    outliveReaders();
    const node = await startNode({ flags: given, environment: process.env });
    stopOnSignals(node);
    process.stdout.write(renderGreeting(node.greeting, readScreen(process.env)));
  }
}

/** Other commands end when nobody reads what they print: a node serves on. */
function outliveReaders(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.removeAllListeners("error");
    stream.on("error", () => undefined);
  }
}

/**
 * Signals that come closer together are one: npm and other launchers hand on what the terminal has
 * told the node already.
 */
const samePressMs = 300;

/** The first signal stops the node in order, a second one does not wait for that. */
function stopOnSignals(node: RunningNode): void {
  let stoppingSince: number | undefined;
  const stop = (signal: "SIGINT" | "SIGTERM") => {
    const now = performance.now();
    if (stoppingSince !== undefined) {
      if (now - stoppingSince > samePressMs) process.exit(signal === "SIGINT" ? 130 : 143);
      return;
    }
    stoppingSince = now;
    say(renderFarewell(node.runningTasks(), node.stopsTasks));
    node.stop().then(
      () => process.exit(0),
      (error: unknown) => process.exit(reportFailure(error)),
    );
  };
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, stop);
}
