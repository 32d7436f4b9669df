/**
 * Goal: no outcome is lost and nothing is started twice when the daemon ends, when the keeper is
 * killed, or both; and what cannot be known is said to be lost only once nothing of it is alive.
 * Method: daemons' sides come and go on real keepers, which are killed with -9. Commands wait for a
 * file and append to a witness file, so that starts are counted by what happened, not by what is
 * told.
 */

import { appendFileSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { afterEach, describe, expect, it } from "vitest";

import type { TaskId } from "../../../src/core/ids.ts";
import type { RunRequest } from "../../../src/ports/runner.ts";
import { eventually } from "../../support/eventually.ts";
import {
  createTestKeeper,
  isAlive,
  type TestDaemon,
  type TestKeeper,
} from "../../support/keeper.ts";

let keeper: TestKeeper;
let daemon: TestDaemon;

afterEach(() => keeper.dispose());

async function open(): Promise<void> {
  keeper = createTestKeeper();
  daemon = await keeper.daemon();
}

/** Witnesses its start, waits for `go`, exits with `exitCode`. */
function waiting(id: string, exitCode: number, more: Partial<RunRequest> = {}): RunRequest {
  const { dataDirectory } = keeper;
  const script = `echo ${id} >> ${dataDirectory}/witness; until [ -e ${dataDirectory}/go ]; do sleep 0.02; done; exit ${exitCode}`;
  return keeper.request(id, script, more);
}

function go(): void {
  writeFileSync(join(keeper.dataDirectory, "go"), "");
}

function witnesses(): string[] {
  const path = join(keeper.dataDirectory, "witness");
  return existsSync(path) ? readFileSync(path, "utf8").trim().split("\n").toSorted() : [];
}

function journal(): string {
  return join(keeper.dataDirectory, "keeper", "journal");
}

/** Kills the keeper while no daemon looks, and changes what it wrote last. */
async function crash(change: (journal: string) => string): Promise<void> {
  await daemon.runner.disconnect();
  await keeper.killKeeper();
  writeFileSync(journal(), change(readFileSync(journal(), "utf8")));
}

function inquire(id: string, attempt = 1) {
  return daemon.runner.inquire(id as TaskId, attempt);
}

describe("a daemon that comes back", () => {
  it("loses none of 20 running outcomes and starts none again", async () => {
    await open();
    const ids = Array.from({ length: 20 }, (_, index) => `task-${10 + index}`);
    for (const [index, id] of ids.entries()) daemon.runner.launch(waiting(id, index));
    await Promise.all(ids.map((id) => daemon.startOf(id)));
    await daemon.runner.disconnect();
    const before = keeper.keeperPid();

    daemon = await keeper.daemon();
    const facts = await Promise.all(ids.map((id) => inquire(id)));
    expect(new Set(facts.map(({ kind }) => kind))).toEqual(new Set(["running"]));
    go();
    const ends = await Promise.all(ids.map((id) => daemon.endOf(id)));
    expect(ends.map(({ exitCode }) => exitCode)).toEqual(ids.map((_, index) => index));
    for (const id of ids) daemon.runner.launch(waiting(id, 99));
    await Promise.all(ids.map((id) => daemon.endOf(id)));
    expect(witnesses()).toEqual(ids);
    expect(keeper.keeperPid()).toBe(before);
  });

  it("learns the ends that came about while it was away, until it takes note of them", async () => {
    await open();
    daemon.runner.launch(waiting("away", 3));
    const { pid } = await daemon.startOf("away");
    await daemon.runner.disconnect();
    go();
    await eventually("it has ended", () => !isAlive(pid));
    for (const round of [1, 2]) {
      daemon = await keeper.daemon();
      expect(await inquire("away")).toMatchObject({
        kind: "ended",
        pid,
        end: { cause: "exited", exitCode: 3 },
      });
      if (round === 1) await daemon.runner.disconnect();
    }
    daemon.runner.acknowledge("away" as TaskId, 1);
    daemon.runner.launch(waiting("away", 4));
    expect(await daemon.endOf("away")).toMatchObject({ cause: "lost" });
    expect(witnesses()).toEqual(["away"]);
  });

  it("takes over from the one before, which then starts nothing more", async () => {
    await open();
    const first = daemon;
    first.runner.launch(waiting("first", 5));
    await first.startOf("first");
    daemon = await keeper.daemon();
    await eventually("the first is let go", () => !first.runner.status().connected);
    expect(await inquire("first")).toMatchObject({ kind: "running" });
    first.runner.launch(waiting("late", 0));
    expect(await first.voidOf("late")).toMatch(/another daemon/);
    go();
    expect(await daemon.endOf("first")).toMatchObject({ exitCode: 5 });
    expect(witnesses()).toEqual(["first"]);
  });
});

describe("an attempt that was not started", () => {
  it("never starts once somebody asked for it", async () => {
    await open();
    expect(await inquire("never")).toEqual({ kind: "voided" });
    daemon.runner.launch(waiting("never", 0));
    await daemon.voidOf("never");
    await keeper.killKeeper();
    await daemon.runner.disconnect();
    daemon = await keeper.daemon();
    daemon.runner.launch(waiting("never", 0));
    await daemon.voidOf("never");
    expect(witnesses()).toEqual([]);
    go();
    daemon.runner.launch(waiting("never", 6, { attempt: 2 }));
    expect(await daemon.endOf("never", 2)).toMatchObject({ exitCode: 6 });
  });

  it("is voided, saying why, where no keeper can be started", async () => {
    keeper = createTestKeeper();
    daemon = await keeper.daemon({ keeperEntry: "/nowhere/keeper.js" });
    const asked = inquire("asked");
    daemon.runner.launch(waiting("lonely", 0));
    await expect(asked).rejects.toMatchObject({ code: "KEEPER_UNAVAILABLE" });
    expect(await daemon.voidOf("lonely")).toMatch(/^The keeper, which starts tasks, can't be/);
    expect(daemon.runner.status()).toMatchObject({ connected: false, keeperPid: null });
  });

  it("is stopped without a keeper", async () => {
    keeper = createTestKeeper();
    daemon = await keeper.daemon({ keeperEntry: "/nowhere/keeper.js" });
    daemon.runner.launch(waiting("unsaid", 0));
    daemon.runner.stop("unsaid" as TaskId, 1, 0);
    expect(await daemon.endOf("unsaid")).toMatchObject({ cause: "stopped" });
  });
});

describe("a keeper that is killed", () => {
  it("is followed by one that tells what ran as lost, once it has ended", async () => {
    await open();
    for (const id of ["one", "two"]) daemon.runner.launch(waiting(id, 0));
    const starts = await Promise.all([daemon.startOf("one"), daemon.startOf("two")]);
    const before = keeper.keeperPid();
    await keeper.killKeeper();
    await eventually(
      "another keeper is there",
      () => {
        const { keeperPid } = daemon.runner.status();
        return keeperPid !== null && keeperPid !== before;
      },
      30_000,
    );
    expect(starts.map(({ pid }) => isAlive(pid))).toEqual([true, true]);
    expect(daemon.told.filter(({ kind }) => kind === "ended")).toEqual([]);
    go();
    expect(await daemon.endOf("one")).toMatchObject({ cause: "lost" });
    expect(await daemon.endOf("two")).toMatchObject({ cause: "lost" });
    expect(starts.map(({ pid }) => isAlive(pid))).toEqual([false, false]);
    expect(witnesses()).toEqual(["one", "two"]);
    expect(daemon.told.filter(({ kind }) => kind === "started")).toHaveLength(2);
  });

  it("loses no end that it had seen, and none that its daemon asks for later", async () => {
    await open();
    go();
    daemon.runner.launch(waiting("seen", 7));
    await daemon.endOf("seen");
    daemon.runner.launch(keeper.request("alive", "while :; do sleep 0.1; done"));
    const { pid } = await daemon.startOf("alive");
    await daemon.runner.disconnect();
    await keeper.killKeeper();

    daemon = await keeper.daemon();
    expect(await inquire("seen")).toMatchObject({ kind: "ended", end: { exitCode: 7 } });
    expect(await inquire("alive")).toMatchObject({ kind: "running", pid });
    expect(await inquire("unknown")).toEqual({ kind: "voided" });
    daemon.runner.stop("alive" as TaskId, 1, 5_000);
    expect(await daemon.endOf("alive")).toMatchObject({ cause: "stopped" });
    expect(isAlive(pid)).toBe(false);
  });

  it("leaves timeouts to the next one", async () => {
    await open();
    const endless = keeper.request("endless", "while :; do sleep 0.1; done", { timeoutMs: 1_500 });
    daemon.runner.launch(endless);
    const { pid } = await daemon.startOf("endless");
    await keeper.killKeeper();
    expect(await daemon.endOf("endless")).toMatchObject({ cause: "timedout" });
    expect(isAlive(pid)).toBe(false);
  });

  it("together with what it ran: that has vanished, and what it left behind is ended", async () => {
    await open();
    const script = "sleep 1000 & echo $! > child; while :; do sleep 0.1; done";
    daemon.runner.launch(keeper.request("gone", script));
    const { pid } = await daemon.startOf("gone");
    const childFile = join(keeper.directoryOf("gone"), "child");
    const child = await eventually("its child runs", () =>
      existsSync(childFile) ? Number(readFileSync(childFile, "utf8")) || undefined : undefined,
    );
    await daemon.runner.disconnect();
    await keeper.killKeeper();
    process.kill(pid, "SIGKILL");
    await eventually("the command is gone", () => !isAlive(pid));
    expect(isAlive(child)).toBe(true);

    daemon = await keeper.daemon();
    const facts = await inquire("gone");
    if (facts.kind === "running")
      expect(await daemon.endOf("gone")).toMatchObject({ cause: "lost" });
    else expect(facts).toMatchObject({ kind: "vanished", pid });
    await eventually("its child is ended", () => !isAlive(child));
  });

  it("does not mistake another process of the same pid for its run", async () => {
    await open();
    daemon.runner.launch(waiting("mine", 0));
    const { pid } = await daemon.startOf("mine");
    const stranger = `"pid":${process.pid}`;
    await crash((text) => text.replaceAll(`"pid":${pid}`, stranger));

    daemon = await keeper.daemon();
    expect(await inquire("mine")).toMatchObject({ kind: "vanished", pid: process.pid });
    expect(isAlive(process.pid)).toBe(true);
    await eventually("what carries its nonce is ended", () => !isAlive(pid));
  });

  it("before it wrote down a pid: the process is found by its nonce", async () => {
    await open();
    daemon.runner.launch(waiting("found", 0));
    const { pid } = await daemon.startOf("found");
    await crash((text) => text.replaceAll(/^.*"kind":"pid".*\n/gm, ""));

    daemon = await keeper.daemon();
    expect(await inquire("found")).toMatchObject({ kind: "running", pid });
    daemon.runner.stop("found" as TaskId, 1, 5_000);
    expect(await daemon.endOf("found")).toMatchObject({ cause: "stopped" });
    expect(isAlive(pid)).toBe(false);
  });

  it("between writing down a start and starting leaves one that never starts", async () => {
    await open();
    await inquire("any");
    const start = { id: "unsure", attempt: 1, nonce: "none", timeoutMs: 0, killGraceMs: 0, at: 1 };
    await crash((text) => `${text}${JSON.stringify({ kind: "start", ...start })}\n`);

    daemon = await keeper.daemon();
    expect(await inquire("unsure")).toMatchObject({ kind: "vanished", pid: 0 });
    daemon.runner.launch(waiting("unsure", 0));
    expect(await daemon.endOf("unsure")).toMatchObject({ cause: "lost" });
    expect(witnesses()).toEqual([]);
  });

  it("with its machine: pids of another boot are nobody's, and ends are still true", async () => {
    await open();
    daemon.runner.launch(keeper.request("ended", "exit 3"));
    await daemon.endOf("ended");
    daemon.runner.launch(waiting("cut", 0));
    const { pid } = await daemon.startOf("cut");
    const bootId = daemon.runner.kernelBootId();
    await crash((text) => text.replaceAll(bootId, "another-boot"));

    daemon = await keeper.daemon();
    expect(await inquire("ended")).toMatchObject({ kind: "ended", end: { exitCode: 3 } });
    expect(await inquire("cut")).toMatchObject({ kind: "vanished", pid });
    expect(isAlive(pid)).toBe(true);
  });

  it("in the middle of a line leaves a journal that the next one reads", async () => {
    await open();
    go();
    daemon.runner.launch(waiting("whole", 8));
    await daemon.endOf("whole");
    await daemon.runner.disconnect();
    await keeper.killKeeper();
    appendFileSync(journal(), '{"kind":"start","id":"torn","att');

    daemon = await keeper.daemon();
    expect(await inquire("torn")).toEqual({ kind: "voided" });
    daemon.runner.launch(waiting("next", 9));
    expect(await daemon.endOf("next")).toMatchObject({ exitCode: 9 });
    await daemon.runner.disconnect();
    await keeper.killKeeper();
    daemon = await keeper.daemon();
    expect(await inquire("whole")).toMatchObject({ kind: "ended", end: { exitCode: 8 } });
    expect(await inquire("next")).toMatchObject({ kind: "ended", end: { exitCode: 9 } });
  });
});

describe("a keeper with nothing to do", () => {
  it("ends when its daemon has gone, but not while anything runs", async () => {
    await open();
    daemon.runner.launch(waiting("only", 2));
    await daemon.startOf("only");
    const pid = daemon.runner.status().keeperPid ?? 0;
    await daemon.runner.disconnect();
    await new Promise((resolve) => setTimeout(resolve, 3_500));
    expect(isAlive(pid)).toBe(true);
    go();
    await eventually("the keeper has ended", () => !isAlive(pid));
    expect(existsSync(join(keeper.dataDirectory, "keeper", "socket"))).toBe(false);
    daemon = await keeper.daemon();
    expect(await inquire("only")).toMatchObject({ kind: "ended", end: { exitCode: 2 } });
  });
});
