/**
 * Goal: the runner on a keeper and its double in memory keep the same promises, so that what engine
 * tests show holds with processes too.
 * Method: one suite, run with both spawners of a real keeper and with the double.
 */

import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import type { RunRequest } from "../../src/ports/runner.ts";
import { createManualClock } from "../doubles/manual-clock.ts";
import { createMemoryRunner } from "../doubles/memory-runner.ts";
import { createTestKeeper, listenTo, type TestDaemon } from "../support/keeper.ts";
import { describeRunner, type RunnerHarness } from "./runner.ts";

function onKeeper(spawner: "posix_spawn" | "fork"): RunnerHarness {
  const keeper = createTestKeeper({ spawner });
  let daemon: TestDaemon | undefined;
  return {
    async daemon() {
      daemon = await keeper.daemon();
      return daemon;
    },
    launch(id, attempt) {
      const script = `echo start >> starts; until [ -s exit ]; do sleep 0.02; done; exit $(cat exit)`;
      daemon?.runner.launch(keeper.request(id, script, { attempt }));
    },
    release: (id, exitCode) =>
      writeFileSync(join(keeper.directoryOf(id), "exit"), String(exitCode)),
    starts(id) {
      const path = join(keeper.directoryOf(id), "starts");
      return existsSync(path) ? readFileSync(path, "utf8").split("\n").length - 1 : 0;
    },
    dispose: keeper.dispose,
  };
}

function inMemory(): RunnerHarness {
  const runner = createMemoryRunner({ clock: createManualClock() });
  return {
    async daemon() {
      const daemon = listenTo(runner);
      await runner.start();
      return daemon;
    },
    launch(id, attempt) {
      const request: RunRequest = {
        id,
        attempt,
        argv: ["true"],
        environment: {},
        directory: "/nowhere",
        timeoutMs: 0,
        killGraceMs: 0,
      };
      runner.launch(request);
    },
    release: (id, exitCode) => runner.end(id, { exitCode }),
    starts: (id) => runner.launched.filter((request) => request.id === id).length,
    dispose: async () => undefined,
  };
}

describeRunner("the keeper with posix_spawn", () => onKeeper("posix_spawn"));
describeRunner("the keeper with fork", () => onKeeper("fork"));
describeRunner("the runner in memory", inMemory);
