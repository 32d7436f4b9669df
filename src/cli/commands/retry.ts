import { Command } from "@oclif/core/command";

import { changeFlags, changeTasks } from "../change-tasks.ts";
import { oclifFlags } from "../oclif-flags.ts";
import { idsArgument } from "../task-ids.ts";

export class Retry extends Command {
  static override summary = "Make a new task like an ended one, and print its id.";
  static override examples = ["blanket retry 0e4f", "blanket retry all -s ERROR -t render"];
  static override args = { id: idsArgument };
  static override flags = oclifFlags(changeFlags);

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Retry);
    await changeTasks(args.id, flags, {
      verb: "Retry",
      states: ["ERROR", "TIMEDOUT", "STOPPED", "LOST"],
      change: (client, id) => client.retryTask(id),
    });
  }
}
