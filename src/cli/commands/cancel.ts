import { Command } from "@oclif/core/command";

import { isFinal, taskStates } from "../../core/task/shown-state.ts";
import { changeTasks, changeFlags } from "../change-tasks.ts";
import { oclifFlags } from "../oclif-flags.ts";
import { idsArgument } from "../task-ids.ts";

export class Cancel extends Command {
  static override summary = "End tasks; running ones with all their processes.";
  static override examples = ["blanket cancel 0e4f", "blanket cancel all -t render -y"];
  static override args = { id: idsArgument };
  static override flags = oclifFlags(changeFlags);

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Cancel);
    await changeTasks(args.id, flags, {
      verb: "Cancel",
      states: taskStates.filter((state) => !isFinal(state)),
      change: (client, id) => client.cancelTask(id),
    });
  }
}
