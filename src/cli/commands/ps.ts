import { Command } from "@oclif/core/command";

import { connect } from "../connect.ts";
import { psFlags } from "../flag-table.ts";
import { oclifFlags } from "../oclif-flags.ts";
import { ps, readPsWish } from "../ps/ps.ts";
import { readScreen } from "../screen.ts";
import { print } from "../terminal.ts";

export class Ps extends Command {
  static override summary = "List tasks that run, wait or have ended within the last hour.";
  static override examples = [
    "blanket ps",
    "blanket ps -a -s ERROR,TIMEDOUT",
    "blanket ps -q -t render | xargs blanket cancel",
    "blanket ps --template '{{.id}} {{.state}}'",
  ];
  static override flags = oclifFlags(psFlags);

  async run(): Promise<void> {
    const { flags } = await this.parse(Ps);
    const wish = readPsWish(flags);
    await print(await ps(connect(flags), wish, { ...readScreen(process.env), now: Date.now() }));
  }
}
