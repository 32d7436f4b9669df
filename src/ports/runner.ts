import type { TaskId } from "../core/ids.ts";
import type { RunEnd, RunFacts } from "../core/journal.ts";

/** One attempt to start: everything the keeper needs, nothing it has to look up. */
export interface RunRequest {
  readonly id: TaskId;
  readonly attempt: number;
  /** Program (looked up on the environment's PATH) and its arguments. */
  readonly argv: readonly string[];
  /** The whole environment of the command. */
  readonly environment: Readonly<Record<string, string>>;
  /** Absolute working directory; made if missing. Log files are appended there. */
  readonly directory: string;
  /** 0 is none. */
  readonly timeoutMs: number;
  readonly killGraceMs: number;
}

/** What the runner tells, each once per (id, attempt), `started` before `ended`. */
export interface RunnerListener {
  /** `at` in unix milliseconds. */
  started(id: TaskId, attempt: number, pid: number, at: number): void;
  /** Nothing of the run is alive any more (or nothing can be known: cause `lost`). */
  ended(id: TaskId, attempt: number, end: RunEnd): void;
  /** It was not started and never will be. */
  voided(id: TaskId, attempt: number, reason: string): void;
}

/** Starts commands, once each, and outlives the daemon (DESIGN, "The keeper"). */
export interface Runner {
  /** Before anything else: who is told. Runs that a keeper still has are told only on `inquire`. */
  listen(listener: RunnerListener): void;
  /** Starts (id, attempt), at most once for ever; every later fact comes to the listener. */
  launch(request: RunRequest): void;
  /**
   * What became of an attempt that may have been started by an earlier daemon. An unknown one is
   * voided for ever. After `running`, its end comes to the listener.
   */
  inquire(id: TaskId, attempt: number): Promise<RunFacts>;
  /** TERM to all of the run, KILL after `graceMs` (0: at once); `ended` with `stopped` follows. */
  stop(id: TaskId, attempt: number, graceMs: number): void;
  /** The end of this attempt is stored for good: the keeper may forget it. */
  acknowledge(id: TaskId, attempt: number): void;
  /**
   * Every attempt that an earlier daemon may have left was asked about: the keeper may forget the
   * ends of all others. One that it knows and that runs is left alone.
   */
  recovered(): void;
  /** Boot id of the running kernel. */
  kernelBootId(): string;
  status(): RunnerStatus;
  /** Connects to the keeper that is there, if any. @throws KEEPER_UNAVAILABLE */
  start(): Promise<void>;
  /** Lets go of the keeper: what runs goes on. */
  disconnect(): Promise<void>;
}

/** Facts for `/ops/status/`. */
export interface RunnerStatus {
  readonly connected: boolean;
  readonly keeperPid: number | null;
  readonly keeperVersion: string | null;
  /** How commands are started: `posix_spawn`, or `fork` where koffi does not load. */
  readonly spawner: "posix_spawn" | "fork" | null;
  readonly running: number;
}
