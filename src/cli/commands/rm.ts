import { string } from "@oclif/core/args";
import { Command } from "@oclif/core/command";

import type { Client } from "../../client/client.ts";
import { BlanketError } from "../../core/errors.ts";
import { changeFlags } from "../change-tasks.ts";
import { connect } from "../connect.ts";
import { readFilter } from "../filter.ts";
import type { FlagTable } from "../flag-table.ts";
import { forEachId } from "../for-each-id.ts";
import { oclifFlags } from "../oclif-flags.ts";
import { removedSentence } from "../present/sentence.ts";
import { asJson } from "../submit-and-tell.ts";
import { resolveIds } from "../task-ids.ts";

const rmFlags = {
  ...changeFlags,
  force: { kind: "switch", summary: "Drop also what is held and can't be cancelled." },
} as const satisfies FlagTable;

export class Rm extends Command {
  static override summary = "Remove tasks with their results, running ones ended; or workers.";
  static override usage = "rm [task|worker] ID...";
  static override examples = [
    "blanket rm 0e4f",
    "blanket ps -q -a -s ERROR | blanket rm -",
    "blanket rm all -t render -y",
    "blanket rm worker rabbit-3",
  ];
  static override args = {
    id: string({
      multiple: true,
      required: true,
      ignoreStdin: true,
      description: "Ids or their first digits; `last`, `all`, or - to read them from stdin.",
    }),
  };
  static override flags = oclifFlags(rmFlags);

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Rm);
    const { kind, words } = splitKind(args.id);
    const client = connect(flags);
    const tell = (id: string, line: string) => {
      if (flags.json) return asJson({ id });
      return flags.quiet ? `${id}\n` : `${line}\n`;
    };
    if (kind === "worker") {
      const ids = await workerIds(client, words);
      await forEachId(ids, async (word) => {
        const { id } = await client.removeWorker(word);
        return tell(id, `${id} ends after the task that it runs`);
      });
      return;
    }
    const filter = readFilter(flags);
    const ids = await resolveIds(client, words, { verb: "Remove", filter, yes: flags.yes });
    await forEachId(ids, async (word) => {
      const before = await client.task(word);
      const line = removedSentence(before, Date.now());
      const { id } = await client.removeTask(before.id, flags.force);
      return tell(id, line);
    });
  }
}

/** No id begins with these words. */
function splitKind(words: readonly string[]): {
  readonly kind: "task" | "worker";
  readonly words: readonly string[];
} {
  const [first, ...rest] = words;
  const kind = first === "worker" ? "worker" : "task";
  const own = first === "worker" || first === "task" ? rest : words;
  if (own.length > 0) return { kind, words: own };
  throw new BlanketError(
    "COMMAND_INVALID",
    `name the ${kind} to remove; \`blanket rm --help\` shows how.`,
  );
}

async function workerIds(client: Client, words: readonly string[]): Promise<readonly string[]> {
  if (!words.includes("all")) return resolveIds(client, words);
  return (await client.workers()).map(({ id }) => id);
}
