import { readFileSync } from "node:fs";
import process from "node:process";

import type { Clock } from "../../ports/clock.ts";
import type { Log } from "../../ports/log.ts";
import type { Runner, RunnerListener, RunnerStatus } from "../../ports/runner.ts";
import { createHeldRuns } from "./held-runs.ts";
import { createInquiries } from "./inquiries.ts";
import type { LinkOptions } from "./keeper-link.ts";
import { disconnect, ensure, sayRecovered, start } from "./reach.ts";
import { acknowledge, launch, stop } from "./requests.ts";
import type { RunnerState } from "./runner-state.ts";

export interface KeeperRunnerOptions {
  /** Absolute. The keeper's socket, journal and log are in `keeper/` below it. */
  readonly dataDirectory: string;
  /** Absolute path of the keeper's program, in source or compiled. */
  readonly keeperEntry: string;
  /** Node that runs the keeper; default the one that runs this. */
  readonly nodeBinary?: string;
  /** `--fork`: leave koffi alone. */
  readonly keeperFlags?: readonly string[];
}

/** The Runner port on a keeper process, which starts tasks and outlives this one. */
export function createKeeperRunner(
  { clock, log }: { readonly clock: Clock; readonly log: Log },
  { nodeBinary = process.execPath, keeperFlags = [], ...paths }: KeeperRunnerOptions,
): Runner {
  const options: LinkOptions = { ...paths, nodeBinary, keeperFlags };
  const state: RunnerState = {
    clock,
    log,
    listener: silentListener,
    held: createHeldRuns(() => state.listener),
    inquiries: createInquiries(),
    acknowledged: [],
    unsettled: new Map(),
    isRecovered: false,
    link: undefined,
    isEnsuring: false,
    hastyLosses: 0,
    inbox: undefined,
  };
  let bootId: string | undefined;
  return {
    listen(next) {
      state.listener = next;
    },
    launch: (request) => launch(state, request),
    inquire(id, attempt) {
      const answer = state.inquiries.ask(id, attempt);
      state.link?.say({ kind: "inquire", id, attempt });
      ensure(state);
      return answer;
    },
    stop: (id, attempt, graceMs) => stop(state, { id, attempt }, graceMs),
    acknowledge: (id, attempt) => acknowledge(state, { id, attempt }),
    recovered() {
      state.isRecovered = true;
      sayRecovered(state);
    },
    kernelBootId() {
      bootId ??= readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
      return bootId;
    },
    status: () => statusOf(state),
    start: () => start(state, options),
    disconnect: () => disconnect(state),
  };
}

const silentListener: RunnerListener = {
  started() {},
  ended() {},
  voided() {},
};

function statusOf({ link, held }: RunnerState): RunnerStatus {
  const hello = link?.hello();
  return {
    connected: hello !== undefined,
    keeperPid: hello?.pid ?? null,
    keeperVersion: hello?.version ?? null,
    spawner: hello?.spawner ?? null,
    running: held.count(),
  };
}
