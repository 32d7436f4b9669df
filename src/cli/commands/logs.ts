import { Command } from "@oclif/core/command";

import type { Client } from "../../client/client.ts";
import type { LogChoice } from "../../contract/log-position.ts";
import { connect } from "../connect.ts";
import { connectionFlags, type FlagTable } from "../flag-table.ts";
import { oclifFlags } from "../oclif-flags.ts";
import { invalidFlag, readWholeNumber } from "../read-flag.ts";
import { followTask } from "../task-end.ts";
import { idArgument, resolveId } from "../task-ids.ts";
import { print } from "../terminal.ts";

const logsFlags = {
  follow: { kind: "switch", char: "f", summary: "Go on until the task has ended." },
  stream: {
    kind: "text",
    value: "stdout|stderr|both",
    summary: "What to print; default both, each to where it belongs.",
  },
  attempt: { kind: "text", value: "N", summary: "Of an earlier attempt; default the newest." },
  ...connectionFlags,
} as const satisfies FlagTable;

export class Logs extends Command {
  static override summary = "Print what a task has written.";
  static override examples = ["blanket logs 0e4f", "blanket logs -f last --stream stderr"];
  static override args = { id: idArgument };
  static override flags = oclifFlags(logsFlags);

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Logs);
    const stream = readStream(flags.stream);
    const attempt =
      flags.attempt === undefined
        ? undefined
        : readWholeNumber("--attempt", flags.attempt, 1, 1_000_000);
    const client = connect(flags);
    const id = await resolveId(client, args.id);
    if (flags.follow) await followTask(client, id, { stream, attempt });
    else await printLog(client, id, stream, attempt);
  }
}

/** The bytes as they were written, so that a log may be anything. */
async function printLog(
  client: Client,
  id: string,
  stream: LogChoice,
  attempt: number | undefined,
): Promise<void> {
  if (stream !== "stderr") {
    for await (const bytes of await client.readLog(id, "stdout", attempt)) await print(bytes);
  }
  if (stream !== "stdout") {
    for await (const bytes of await client.readLog(id, "stderr", attempt)) {
      // Asked for alone, it is what the command is about.
      if (stream === "stderr") await print(bytes);
      else process.stderr.write(bytes);
    }
  }
}

function readStream(text: string | undefined): LogChoice {
  if (text === undefined) return "both";
  if (text === "stdout" || text === "stderr" || text === "both") return text;
  throw invalidFlag("--stream", text, "write stdout, stderr or both");
}
