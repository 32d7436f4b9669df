import { Command } from "@oclif/core/command";

import { connect } from "../connect.ts";
import { connectionFlags, jsonFlag } from "../flag-table.ts";
import { oclifFlags } from "../oclif-flags.ts";
import { renderTask } from "../present/show-task.ts";
import { readScreen } from "../screen.ts";
import { asJson } from "../submit-and-tell.ts";
import { idArgument, resolveId } from "../task-ids.ts";
import { print } from "../terminal.ts";

export class Show extends Command {
  static override summary = "Show everything known of a task.";
  static override examples = ["blanket show 0e4f", "blanket show last --json"];
  static override args = { id: idArgument };
  static override flags = oclifFlags({ ...connectionFlags, ...jsonFlag });

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Show);
    const client = connect(flags);
    const task = await client.task(await resolveId(client, args.id));
    const { colour } = readScreen(process.env);
    await print(flags.json ? asJson(task) : renderTask(task, { now: Date.now(), colour }));
  }
}
