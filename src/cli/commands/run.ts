import { string } from "@oclif/core/args";
import { Command } from "@oclif/core/command";

import { connect } from "../connect.ts";
import { connectionFlags, jsonFlag, type FlagTable } from "../flag-table.ts";
import { shellLine } from "../new-task.ts";
import { oclifFlags } from "../oclif-flags.ts";
import { readList } from "../read-flag.ts";
import { submitAndTell, tellFlags } from "../submit-and-tell.ts";

const runFlags = {
  tags: { kind: "text", char: "t", value: "TAGS", summary: "Tags that a worker must have." },
  ...tellFlags,
  ...connectionFlags,
  ...jsonFlag,
} as const satisfies FlagTable;

export class Run extends Command {
  static override summary = "Run a command on a node that can, without writing a task type.";
  static override description =
    "The words go to the shipped bash_task as they are; one word alone is a line for the shell.";
  static override examples = [
    "blanket run -- make test",
    "blanket run -t gpu --follow -- python3 train.py --epochs 3",
    "blanket run --wait -- 'cd /srv && make'",
  ];
  static override args = {
    command: string({
      multiple: true,
      required: true,
      ignoreStdin: true,
      description: "The command and its arguments, behind --.",
    }),
  };
  static override flags = oclifFlags(runFlags);

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Run);
    const task = {
      type: "bash_task",
      environment: { DEFAULT_COMMAND: shellLine(args.command) },
      ...(flags.tags === undefined ? {} : { tags: readList(flags.tags) }),
    };
    await submitAndTell(connect(flags), task, [], flags);
  }
}
