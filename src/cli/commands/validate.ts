import { string } from "@oclif/core/args";
import { Command } from "@oclif/core/command";

import type { ShownTaskType } from "../../core/task-type/shown-type.ts";
import { placedProblem } from "../../core/task-type/task-type.ts";
import { connect } from "../connect.ts";
import { connectionFlags, jsonFlag } from "../flag-table.ts";
import { oclifFlags } from "../oclif-flags.ts";
import { harmless } from "../present/width.ts";
import { asJson } from "../submit-and-tell.ts";
import { print } from "../terminal.ts";

export class Validate extends Command {
  static override summary = "Say what is wrong with task types; exit 1 where anything is.";
  static override examples = ["blanket validate", "blanket validate bash_task"];
  static override args = {
    type: string({ ignoreStdin: true, description: "A task type; default: all." }),
  };
  static override flags = oclifFlags({ ...connectionFlags, ...jsonFlag });

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Validate);
    const client = connect(flags);
    const types =
      args.type === undefined ? await client.taskTypes() : [await client.taskType(args.type)];
    const answers = types.map(({ name, configFile, valid, problems }) => ({
      name,
      configFile,
      valid,
      problems,
    }));
    await print(
      flags.json ? asJson(answers) : answers.map(reportType).join("") || "no task types\n",
    );
    if (types.some(({ valid }) => !valid)) process.exitCode = 1;
  }
}

type Report = Pick<ShownTaskType, "name" | "configFile" | "valid" | "problems">;

function reportType({ name, configFile, valid, problems }: Report): string {
  const lines = problems.map((problem) => placedProblem(configFile, problem));
  if (valid) lines.unshift(`${name} is valid`);
  return lines.map((line) => `${harmless(line)}\n`).join("");
}
