import { Command } from "@oclif/core/command";

import { version } from "../../core/version.ts";
import { jsonFlag } from "../flag-table.ts";
import { oclifFlags } from "../oclif-flags.ts";
import { asJson } from "../submit-and-tell.ts";
import { print } from "../terminal.ts";

export class Version extends Command {
  static override summary = "Print the version of this command.";
  static override flags = oclifFlags(jsonFlag);

  async run(): Promise<void> {
    const { flags } = await this.parse(Version);
    const platform = `${process.platform}-${process.arch}`;
    const facts = { version, node: process.version, platform };
    await print(
      flags.json ? asJson(facts) : `blanket ${version} (Node ${process.version}, ${platform})\n`,
    );
  }
}
