import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { createSystemClock } from "../../src/adapters/clock-system/clock-system.ts";
import { createKeeperRunner } from "../../src/adapters/runner-keeper/runner-keeper.ts";
import type { TaskId } from "../../src/core/ids.ts";
import type { RunEnd } from "../../src/core/journal.ts";
import type { Runner, RunRequest } from "../../src/ports/runner.ts";
import { createSilentLog } from "../doubles/silent-log.ts";
import { eventually } from "./eventually.ts";

/** A daemon's side of a keeper: the runner, and all that it told, in order. */
export interface TestDaemon {
  readonly runner: Runner;
  readonly told: readonly Told[];
  /** Waits for the end of an attempt. */
  endOf(id: string, attempt?: number): Promise<RunEnd>;
  startOf(id: string, attempt?: number): Promise<Extract<Told, { kind: "started" }>>;
  voidOf(id: string, attempt?: number): Promise<string>;
}

export type Told = { readonly id: string; readonly attempt: number } & (
  | { readonly kind: "started"; readonly pid: number; readonly at: number }
  | { readonly kind: "ended"; readonly end: RunEnd }
  | { readonly kind: "voided"; readonly reason: string }
);

/** A data directory with keepers of its own, all of which end with it. */
export interface TestKeeper {
  readonly dataDirectory: string;
  /** Starts a daemon's side, which lets go of the one before unless that was let go of. */
  daemon(program?: { readonly keeperEntry: string }): Promise<TestDaemon>;
  request(id: string, script: string, more?: Partial<RunRequest>): RunRequest;
  /** Where an attempt runs. */
  directoryOf(id: string): string;
  output(id: string, stream?: "stdout" | "stderr"): string;
  /** The keeper that lives, if one does. */
  keeperPid(): number | undefined;
  /** Ends the keeper as a crash would, and waits until it is gone. */
  killKeeper(): Promise<void>;
  /** Ends the daemons' sides, all that was started, and the keeper. */
  dispose(): Promise<void>;
}

export interface TestKeeperOptions {
  readonly spawner?: "posix_spawn" | "fork";
  /** Puts the data directory this far down. */
  readonly below?: string;
}

const keeperEntry = fileURLToPath(new URL("../../src/keeper/main.ts", import.meta.url));

export function createTestKeeper({ spawner, below = "" }: TestKeeperOptions = {}): TestKeeper {
  const base = mkdtempSync(join(tmpdir(), "blanket-keeper-"));
  const dataDirectory = join(base, below);
  const daemons: TestDaemon[] = [];
  const keeperFlags = spawner === "fork" ? ["--fork"] : [];

  async function daemon(program = { keeperEntry }): Promise<TestDaemon> {
    const runner = createKeeperRunner(
      { clock: createSystemClock(), log: createSilentLog() },
      { dataDirectory, keeperFlags, ...program },
    );
    const made = listenTo(runner);
    daemons.push(made);
    await runner.start();
    return made;
  }

  function keeperPid(): number | undefined {
    try {
      return Number(readFileSync(join(dataDirectory, "keeper", "pid"), "utf8"));
    } catch {
      return undefined;
    }
  }

  async function killKeeper(): Promise<void> {
    const pid = keeperPid();
    if (pid === undefined || !isAlive(pid)) return;
    process.kill(pid, "SIGKILL");
    await eventually("the keeper is gone", () => !isAlive(pid));
  }

  return {
    dataDirectory,
    daemon,
    request: (id, script, more = {}) => ({
      id: id as TaskId,
      attempt: 1,
      argv: ["sh", "-c", script],
      environment: { PATH: process.env["PATH"] ?? "", BLANKET_TASK_ID: id },
      directory: join(dataDirectory, "results", id),
      timeoutMs: 0,
      killGraceMs: 5_000,
      ...more,
    }),
    directoryOf: (id) => join(dataDirectory, "results", id),
    output: (id, stream = "stdout") =>
      readFileSync(join(dataDirectory, "results", id, `blanket.${stream}.log`), "utf8"),
    keeperPid,
    killKeeper,
    async dispose() {
      await Promise.all(daemons.map(({ runner }) => runner.disconnect()));
      await killKeeper();
      await eventually("nothing of it is alive", () => {
        const left = processesWith(base);
        for (const pid of left) killIfThere(pid);
        return left.length === 0;
      });
      rmSync(base, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

function killIfThere(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It has ended since it was looked for.
  }
}

/** Keeps all that a runner tells. */
export function listenTo(runner: Runner): TestDaemon {
  const told: Told[] = [];
  runner.listen({
    started: (id, attempt, pid, at) => told.push({ kind: "started", id, attempt, pid, at }),
    ended: (id, attempt, end) => told.push({ kind: "ended", id, attempt, end }),
    voided: (id, attempt, reason) => told.push({ kind: "voided", id, attempt, reason }),
  });

  function find<K extends Told["kind"]>(kind: K, id: string, attempt: number) {
    return eventually(`${id}/${attempt} is ${kind}`, () => {
      const fact = told.find(
        (one) => one.kind === kind && one.id === id && one.attempt === attempt,
      );
      return fact as Extract<Told, { kind: K }> | undefined;
    });
  }

  return {
    runner,
    told,
    endOf: async (id, attempt = 1) => (await find("ended", id, attempt)).end,
    startOf: (id, attempt = 1) => find("started", id, attempt),
    voidOf: async (id, attempt = 1) => (await find("voided", id, attempt)).reason,
  };
}

/** Whether a process can still do something; a zombie can't. */
export function isAlive(pid: number): boolean {
  try {
    return !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, "latin1"));
  } catch {
    return false;
  }
}

/** Living processes whose environment, arguments or working directory name `text`. */
export function processesWith(text: string): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .map(Number)
    .filter((pid) => isAlive(pid) && traceOf(pid).includes(text));
}

function traceOf(pid: number): string {
  try {
    const [environment, commandLine] = ["environ", "cmdline"].map((name) =>
      readFileSync(`/proc/${pid}/${name}`, "utf8"),
    );
    return `${environment} ${commandLine}`;
  } catch {
    return "";
  }
}
