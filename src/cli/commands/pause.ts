import { Command } from "@oclif/core/command";

import { changeFlags, changeTasks } from "../change-tasks.ts";
import { oclifFlags } from "../oclif-flags.ts";
import { idsArgument } from "../task-ids.ts";

export class Pause extends Command {
  static override summary = "Keep waiting tasks from starting.";
  static override examples = ["blanket pause 0e4f", "blanket pause all -t backup"];
  static override args = { id: idsArgument };
  static override flags = oclifFlags(changeFlags);

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Pause);
    await changeTasks(args.id, flags, {
      verb: "Pause",
      states: ["SCHEDULED", "BLOCKED", "WAITING"],
      change: (client, id) => client.pauseTask(id),
    });
  }
}
