import { setTimeout as sleep } from "node:timers/promises";

import { Command } from "@oclif/core/command";

import type { Client } from "../../client/client.ts";
import { mayPass } from "../../client/failures.ts";
import type { NewWorkers } from "../../client/workers.ts";
import { limits } from "../../core/limits.ts";
import type { ShownWorker } from "../../core/worker.ts";
import { connect } from "../connect.ts";
import { connectionFlags, jsonFlag, type FlagTable } from "../flag-table.ts";
import { oclifFlags } from "../oclif-flags.ts";
import { readList, readWholeNumber } from "../read-flag.ts";
import { asJson } from "../submit-and-tell.ts";
import { interruption, print, say } from "../terminal.ts";

const workerFlags = {
  tags: { kind: "text", char: "t", value: "TAGS", summary: "Tags that the workers have." },
  number: { kind: "text", char: "n", value: "N", summary: "How many; default 1." },
  detach: { kind: "switch", char: "d", summary: "Leave them there until `blanket rm worker`." },
  quiet: { kind: "switch", char: "q", summary: "Print their ids only." },
  ...connectionFlags,
  ...jsonFlag,
} as const satisfies FlagTable;

/** Pauses before the workers of a node that went away are added again. */
const pausesMs = [500, 1_000, 2_000, 4_000, 8_000, 15_000];

export class Worker extends Command {
  static override summary = "Add workers to a node, for as long as this command runs.";
  static override description =
    "A worker runs one task at a time, of those whose tags it has. A node starts some by itself.";
  static override examples = [
    "blanket worker -t unix,bash,python",
    "blanket worker -t gpu -n 2 -d",
  ];
  static override flags = oclifFlags(workerFlags);

  async run(): Promise<void> {
    const { flags } = await this.parse(Worker);
    const wanted: NewWorkers = {
      tags: readList(flags.tags ?? ""),
      count:
        flags.number === undefined
          ? 1
          : readWholeNumber("--number", flags.number, 1, limits.slotsMax),
    };
    const client = connect(flags);
    const tell = async (workers: readonly ShownWorker[], end: string) => {
      if (flags.json) await print(asJson(workers));
      else if (flags.quiet) await print(workers.map(({ id }) => `${id}\n`).join(""));
      else await print(`${sentence(workers)}. ${end}\n`);
    };
    if (flags.detach) {
      const workers = await client.addWorkers(wanted);
      await tell(workers, `\`blanket rm worker ${idsOf(workers)}\` ends them.`);
    } else {
      await holdWorkers(client, wanted, (workers) => tell(workers, "Ctrl-C ends them."));
    }
  }
}

function sentence(workers: readonly ShownWorker[]): string {
  const [first] = workers;
  const tags = first === undefined || first.tags.length === 0 ? "no tags" : first.tags.join(" ");
  const noun = workers.length === 1 ? "worker" : "workers";
  return `${workers.length} ${noun} on ${first?.node ?? "the node"} with ${tags}: ${idsOf(workers)}`;
}

function idsOf(workers: readonly ShownWorker[]): string {
  return workers.map(({ id }) => id).join(" ");
}

/** Until Ctrl-C. A node that restarts is given its workers again. */
async function holdWorkers(
  client: Client,
  wanted: NewWorkers,
  tell: (workers: readonly ShownWorker[]) => Promise<void>,
): Promise<void> {
  const signal = interruption();
  let pauses: number[] = [];
  while (!signal.aborted) {
    try {
      const { workers, lost } = await client.attachWorkers(wanted, signal);
      pauses = [...pausesMs];
      await Promise.all([tell(workers), lost]);
    } catch (error) {
      if (signal.aborted) return;
      const pause = mayPass(error) ? pauses.shift() : undefined;
      if (pause === undefined) throw error;
      if (pause === pausesMs[0])
        say(`blanket: ${messageOf(error)} Trying to add the workers again.`);
      await sleep(pause, undefined, { signal }).catch(() => undefined);
    }
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
