import { fileURLToPath } from "node:url";

import type { PJSON } from "@oclif/core/interfaces";

import { BlanketError } from "../core/errors.ts";
import { nearest } from "../core/nearest.ts";
import { version } from "../core/version.ts";
import { aliases, commands } from "./command-table.ts";
import { reportFailure } from "./report-failure.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const isSource = import.meta.url.endsWith(".ts");

/**
 * What oclif reads of a package, without its commands: the table finds those, one file at a time.
 */
const pjson = {
  name: "@blanket-project/blanket",
  version,
  type: "module",
  description: "Runs commands on your machines: equal nodes, no master, no broker.",
  oclif: { bin: "blanket", dirname: "blanket", topicSeparator: " " },
} as unknown as PJSON;

/** Otherwise oclif looks for plugins in the user's own directories, which may be unreadable. */
const noPlugins = { userPlugins: false, devPlugins: false };

/** Runs one command line. Never throws: what fails is said on stderr, with the exit code for it. */
export async function main(argv: readonly string[]): Promise<void> {
  endQuietlyWhenNobodyReads();
  try {
    await dispatch(argv);
  } catch (error) {
    process.exitCode = reportFailure(error);
  }
}

/** `blanket ps | head` is no failure. */
function endQuietlyWhenNobodyReads(): void {
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") process.exit(0);
    process.exit(reportFailure(error));
  });
}

async function dispatch(argv: readonly string[]): Promise<void> {
  const [first, ...rest] = argv;
  if (asksForHelp(argv)) return showHelp(argv);
  if (first === "--version" || first === "-v") return runCommand("version", rest);
  // Bare `blanket`, with flags or without, is a node.
  if (first === undefined || first.startsWith("-")) return runCommand("node", argv);
  return runCommand(aliases[first] ?? first, rest);
}

async function runCommand(id: string, argv: readonly string[]): Promise<void> {
  const load = Object.hasOwn(commands, id) ? commands[id] : undefined;
  if (load === undefined) throw unknownCommand(id);
  const command = await load();
  command.id = id;
  const { settings } = await import("@oclif/core/settings");
  settings.enableAutoTranspile = false;
  await command.run([...argv], { root, pjson, ...noPlugins });
}

function unknownCommand(id: string): BlanketError {
  const close = nearest(id, [...Object.keys(commands), ...Object.keys(aliases)]);
  const advice = close === undefined ? "`blanket help` lists all." : `did you mean ${close}?`;
  return new BlanketError("COMMAND_INVALID", `there is no command ${id}; ${advice}`, {
    command: id,
  });
}

/** `--help` anywhere in front of `--`, or `help`. */
function asksForHelp(argv: readonly string[]): boolean {
  const end = argv.indexOf("--");
  const own = end < 0 ? argv : argv.slice(0, end);
  return argv[0] === "help" || own.includes("--help") || own.includes("-h");
}

/** Help knows all commands, so that they are all loaded. */
async function showHelp(argv: readonly string[]): Promise<void> {
  const words = argv.filter((word) => !word.startsWith("-") && word !== "help");
  const [first] = words;
  const id = first === undefined ? undefined : (aliases[first] ?? first);
  if (id !== undefined && !Object.hasOwn(commands, id)) throw unknownCommand(id);
  const { Config, Help, settings } = await import("@oclif/core");
  settings.enableAutoTranspile = false;
  const config = await Config.load({
    root,
    ...noPlugins,
    pjson: {
      ...pjson,
      oclif: { ...pjson.oclif, commands: isSource ? "./src/cli/commands" : "./dist/cli/commands" },
    },
  });
  await new Help(config).showHelp(id === undefined ? [] : [id]);
}
