import { hash as digest } from "node:crypto";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { createSystemClock } from "../../src/adapters/clock-system/clock-system.ts";
import { createKeeperRunner } from "../../src/adapters/runner-keeper/runner-keeper.ts";
import { taskIdOf, type NodeId } from "../../src/core/ids.ts";
import type { Runner } from "../../src/ports/runner.ts";
import { inDirectory, noopArgv, waitUntilGone } from "./bench-node.ts";
import { timed } from "./command.ts";
import type { Figure } from "./figure.ts";
import { silentLog } from "./seed.ts";

const keeperEntry = fileURLToPath(new URL("../../dist/keeper/main.js", import.meta.url));

/** The keeper without store, register and REST: two starts in hand, each with its log files. */
export const keeperStarts: Figure = {
  id: "keeper",
  title: "starts by the keeper alone, two at a time",
  measure: ({ quick }) =>
    inDirectory(async (directory) => {
      const runner = createKeeperRunner(
        { clock: createSystemClock(), log: silentLog },
        { dataDirectory: directory, keeperEntry },
      );
      const runMany = createBatches(runner, directory);
      await runner.start();
      try {
        await runMany(50);
        const starts = quick ? 300 : 3_000;
        const ms = await timed(() => runMany(starts));
        const note = runner.status().spawner ?? "";
        const what = `${noopArgv.join(" ")}, started and ended`;
        return [{ what, value: (starts * 1000) / ms, unit: "/s", note }];
      } finally {
        const { keeperPid } = runner.status();
        await runner.disconnect();
        if (keeperPid !== null) await waitUntilGone(keeperPid);
      }
    }),
};

/** Runs so many commands, two at any time, and resolves when the last has ended. */
function createBatches(runner: Runner, directory: string): (count: number) => Promise<void> {
  let launched = 0;
  let left = 0;
  let running = 0;
  let done: PromiseWithResolvers<void> = Promise.withResolvers();

  function launch(): void {
    while (left > 0 && running < 2) {
      left -= 1;
      running += 1;
      launched += 1;
      const id = idOf(launched);
      runner.launch({
        id,
        attempt: 1,
        argv: noopArgv,
        environment: { PATH: process.env["PATH"] ?? "" },
        directory: join(directory, "results", id),
        timeoutMs: 0,
        killGraceMs: 1_000,
      });
    }
    if (running === 0) done.resolve();
  }

  runner.listen({
    started() {},
    ended(id, attempt, { cause, exitCode }) {
      if (cause !== "exited" || exitCode !== 0) {
        done.reject(new Error(`${id} ended by ${cause}, ${exitCode}.`));
      }
      runner.acknowledge(id, attempt);
      running -= 1;
      launch();
    },
    voided(id, _attempt, reason) {
      done.reject(new Error(`${id} was not started: ${reason}`));
    },
  });

  return (count) => {
    done = Promise.withResolvers();
    left = count;
    launch();
    return done.promise;
  };
}

function idOf(seq: number) {
  return taskIdOf((bytes) => digest("sha256", bytes, "buffer"), {
    kind: "origin",
    origin: "bench" as NodeId,
    boot: 1,
    seq,
  });
}
