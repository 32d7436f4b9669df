/**
 * Goal: when a run is said to have ended, nothing of it is alive, whatever it started and however
 * it was ended; and nothing of another run was touched.
 * Method: real processes that hide as daemons do. Each carries a mark of its test in its arguments,
 * by which the test looks for it in /proc, not trusting the keeper.
 */

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { afterEach, describe, expect, it } from "vitest";

import type { RunRequest } from "../../../src/ports/runner.ts";
import { eventually } from "../../support/eventually.ts";
import {
  createTestKeeper,
  isAlive,
  processesWith,
  type TestDaemon,
  type TestKeeper,
} from "../../support/keeper.ts";

let keeper: TestKeeper;
let daemon: TestDaemon;

afterEach(() => keeper.dispose());

function launch(id: string, script: string, more: Partial<RunRequest> = {}): void {
  const program = join(keeper.dataDirectory, "sleeper");
  writeFileSync(program, "#!/bin/sh\nwhile :; do sleep 1; done\n", { mode: 0o755 });
  const request = keeper.request(id, script, more);
  const environment = { ...request.environment, SLEEP: program, HERE: keeper.dataDirectory };
  daemon.runner.launch({ ...request, environment });
}

function stop(id: string, graceMs: number): void {
  daemon.runner.stop(id as RunRequest["id"], 1, graceMs);
}

/** A sleep that can be told from all others. The shell fills in the rest of its mark. */
function sleeper(mark: string): string {
  return `$SLEEP ${mark}-in-$HERE`;
}

function alive(mark: string): number {
  return processesWith(`${mark}-in-${keeper.dataDirectory}`).length;
}

async function appears(mark: string, count = 1): Promise<void> {
  await eventually(`${mark} runs`, () => alive(mark) === count);
}

describe.each(["posix_spawn", "fork"] as const)("runs by %s", (spawner) => {
  async function open(): Promise<void> {
    keeper = createTestKeeper({ spawner });
    daemon = await keeper.daemon();
  }

  it("leave nothing in the background when their command ends", async () => {
    await open();
    launch("group", `${sleeper("background")} & exit 5`);
    expect(await daemon.endOf("group")).toMatchObject({ cause: "exited", exitCode: 5 });
    expect(alive("background")).toBe(0);
  });

  it("leave no daemon of another session, one that forked twice included", async () => {
    await open();
    const ready = join(keeper.dataDirectory, "ready");
    const daemonize = `(setsid sh -c '(${sleeper("hidden")}) & exit' &)`;
    launch("daemons", `${daemonize}; until [ -e ${ready} ]; do sleep 0.05; done; exit 6`);
    await appears("hidden");
    writeFileSync(ready, "");
    expect(await daemon.endOf("daemons")).toMatchObject({ cause: "exited", exitCode: 6 });
    expect(alive("hidden")).toBe(0);
  });

  it("do not take along what belongs to a run beside them", async () => {
    await open();
    const detached = `setsid ${sleeper("beside")} &`;
    launch("other", `(${detached}); while :; do sleep 1; done`);
    await appears("beside");
    launch("first", "exit 0");
    launch("second", "sleep 0.1 & exit 0");
    await Promise.all([daemon.endOf("first"), daemon.endOf("second")]);
    expect(alive("beside")).toBe(1);
    stop("other", 0);
    await daemon.endOf("other");
    expect(alive("beside")).toBe(0);
  });

  it("are told apart from what a stopped process would look like", async () => {
    await open();
    launch("stopped", "kill -STOP $$; exit 7");
    const { pid } = await daemon.startOf("stopped");
    await eventually("it is stopped", () =>
      readFileSync(`/proc/${pid}/stat`, "utf8").includes(") T "),
    );
    expect(daemon.told.filter(({ kind }) => kind === "ended")).toEqual([]);
    stop("stopped", 60_000);
    expect(await daemon.endOf("stopped")).toMatchObject({ cause: "stopped", signal: "SIGTERM" });
  });

  it("that obey TERM are stopped without a KILL, and may say goodbye", async () => {
    await open();
    const goodbye = "trap 'sleep 0.2; echo goodbye; exit 9' TERM";
    launch("polite", `${goodbye}; echo ready; while :; do sleep 0.05; done`);
    await eventually("its trap is set", () => keeper.output("polite") === "ready\n");
    stop("polite", 60_000);
    expect(await daemon.endOf("polite")).toMatchObject({ cause: "stopped", exitCode: 9 });
    expect(keeper.output("polite")).toBe("ready\ngoodbye\n");
  });

  it("give a child the same grace when its shell has obeyed at once", async () => {
    await open();
    const child = `sh -c 'trap "sleep 0.3; echo cleaned; exit" TERM; echo ready; while :; do sleep 0.05; done'`;
    launch("nested", `${child} & wait`);
    await eventually("the child runs", () => keeper.output("nested") === "ready\n");
    stop("nested", 60_000);
    expect(await daemon.endOf("nested")).toMatchObject({ cause: "stopped", signal: "SIGTERM" });
    expect(keeper.output("nested")).toBe("ready\ncleaned\n");
  });

  it("that ignore TERM are gone after the grace, with all they started", async () => {
    await open();
    const deaf = `trap "" TERM; setsid ${sleeper("deaf")} & ${sleeper("deaf")} & wait; wait`;
    launch("deaf", `${deaf}; while :; do sleep 1; done`);
    await appears("deaf", 2);
    stop("deaf", 300);
    expect(await daemon.endOf("deaf")).toMatchObject({ cause: "stopped", signal: "SIGKILL" });
    expect(alive("deaf")).toBe(0);
  });

  it("are killed at once without a grace, even while an earlier one lasts", async () => {
    await open();
    launch("deaf", `trap "" TERM; ${sleeper("deaf")}`);
    await appears("deaf");
    stop("deaf", 3_600_000);
    stop("deaf", 0);
    expect(await daemon.endOf("deaf")).toMatchObject({ cause: "stopped", signal: "SIGKILL" });
  });

  it("end at their timeout, without a daemon too", async () => {
    await open();
    launch("endless", sleeper("endless"), { timeoutMs: 400, killGraceMs: 100 });
    const { pid } = await daemon.startOf("endless");
    await daemon.runner.disconnect();
    await eventually("its process is gone", () => !isAlive(pid) && alive("endless") === 0);
    daemon = await keeper.daemon();
    const facts = await daemon.runner.inquire("endless" as RunRequest["id"], 1);
    expect(facts).toMatchObject({
      kind: "ended",
      pid,
      end: { cause: "timedout", signal: "SIGTERM" },
    });
  });

  it("that keep forking are ended all the same", async () => {
    await open();
    const fork = `f() { trap "" TERM; while :; do (sleep 0.02; f ) & sleep 0.02; exit; done; }; f`;
    launch("forking", `sh -c '${fork}' forking-in-$HERE; while :; do sleep 1; done`);
    await eventually("it forks", () => alive("forking") >= 1);
    stop("forking", 50);
    expect(await daemon.endOf("forking")).toMatchObject({ cause: "stopped" });
    expect(alive("forking")).toBe(0);
  });
});

describe("runs whose daemons shed their environment", () => {
  it("leave none of those either", async () => {
    keeper = createTestKeeper();
    daemon = await keeper.daemon();
    const bare = `env -i PATH="$PATH" setsid ${sleeper("bare")} &`;
    launch("bare", `(${bare}); while [ ! -e go ]; do sleep 0.05; done; exit 8`);
    await appears("bare");
    launch("long", sleeper("long"));
    await appears("long");
    writeFileSync(join(keeper.directoryOf("bare"), "go"), "");
    expect(await daemon.endOf("bare")).toMatchObject({ cause: "exited", exitCode: 8 });
    expect(alive("bare")).toBe(0);
    expect(alive("long")).toBe(1);
  });
});
