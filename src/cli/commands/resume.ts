import { Command } from "@oclif/core/command";

import { changeFlags, changeTasks } from "../change-tasks.ts";
import { oclifFlags } from "../oclif-flags.ts";
import { idsArgument } from "../task-ids.ts";

export class Resume extends Command {
  static override summary = "Let paused tasks start again.";
  static override examples = ["blanket resume 0e4f", "blanket resume all -y"];
  static override args = { id: idsArgument };
  static override flags = oclifFlags(changeFlags);

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Resume);
    await changeTasks(args.id, flags, {
      verb: "Resume",
      states: ["PAUSED"],
      change: (client, id) => client.resumeTask(id),
    });
  }
}
