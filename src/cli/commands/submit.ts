import { string } from "@oclif/core/args";
import { Command } from "@oclif/core/command";

import { BlanketError } from "../../core/errors.ts";
import { connect } from "../connect.ts";
import { connectionFlags, jsonFlag, type FlagTable } from "../flag-table.ts";
import { readStart, readUpload, readVariables } from "../new-task.ts";
import { oclifFlags } from "../oclif-flags.ts";
import { readList, readWholeNumber } from "../read-flag.ts";
import { submitAndTell, tellFlags } from "../submit-and-tell.ts";

const submitFlags = {
  type: { kind: "text", char: "t", value: "TYPE", summary: "The same as the argument TYPE." },
  env: {
    kind: "texts",
    char: "e",
    value: "NAME=VALUE",
    summary:
      "A variable of the task; repeatable. NAME alone takes its value from here, {…} is JSON.",
  },
  file: {
    kind: "texts",
    char: "f",
    value: "PATH[:DEST]",
    summary: "A file for the task's directory; repeatable.",
  },
  key: { kind: "text", value: "KEY", summary: "Makes it safe to submit the same task again." },
  tags: {
    kind: "text",
    value: "TAGS",
    summary: "Tags that a worker must have, beside the type's.",
  },
  priority: { kind: "text", value: "N", summary: "Higher runs first; default 0." },
  in: { kind: "text", value: "TIME", summary: "Not before that long from now, such as 10m." },
  at: {
    kind: "text",
    value: "TIME",
    summary: "Not before that time, in RFC 3339 or unix seconds.",
  },
  ...tellFlags,
  ...connectionFlags,
  ...jsonFlag,
} as const satisfies FlagTable;

export class Submit extends Command {
  static override summary = "Submit a task.";
  static override examples = [
    "blanket submit bash_task -e DEFAULT_COMMAND='make test'",
    "blanket submit python_hello -f data.csv:input/data.csv --wait",
    "blanket submit backup --key backup-2026-11-24 --in 10m",
    `blanket submit -t python_hello -e '{"frogs": 5, "CATS": 2}'`,
  ];
  static override args = {
    type: string({ ignoreStdin: true, description: "A task type; `blanket ls types` lists them." }),
  };
  static override flags = oclifFlags(submitFlags);

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Submit);
    const notBefore = readStart(flags.in, flags.at, Date.now());
    const { key, tags, priority } = flags;
    const task = {
      type: typeOf(args.type, flags.type),
      environment: readVariables(flags.env ?? [], process.env),
      ...(key === undefined ? {} : { key }),
      ...(tags === undefined ? {} : { tags: readList(tags) }),
      ...(priority === undefined ? {} : { priority: readPriority(priority) }),
      ...(notBefore === undefined ? {} : { notBefore }),
    };
    await submitAndTell(connect(flags), task, (flags.file ?? []).map(readUpload), flags);
  }
}

function typeOf(argument: string | undefined, flag: string | undefined): string {
  if (argument !== undefined && flag !== undefined && argument !== flag) {
    throw new BlanketError(
      "COMMAND_INVALID",
      `${argument} and -t ${flag} both name a type; give one.`,
    );
  }
  const type = argument ?? flag;
  if (type !== undefined) return type;
  throw new BlanketError(
    "COMMAND_INVALID",
    "name a task type, such as `blanket submit bash_task`; `blanket ls types` lists all.",
  );
}

function readPriority(text: string): number {
  return readWholeNumber("--priority", text, -1_000_000_000, 1_000_000_000);
}
