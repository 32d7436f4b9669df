import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";

import { expect } from "vitest";

/** The launcher that users have on their PATH. */
export const launcher = new URL("../../bin/blanket", import.meta.url).pathname;

/** How a command has ended. */
export interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** A command that goes on. */
export interface Started {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  /** What it has printed so far. */
  out(): string;
}

/** The command line against one node: each call is a process. */
export interface Cli {
  start(args: readonly string[], environment?: Readonly<Record<string, string>>): Started;
  blanket(...args: readonly string[]): Promise<Ended>;
  /** What a command prints that ends well and says nothing beside. */
  output(...args: readonly string[]): Promise<string>;
  /** The id of a task that is submitted with these arguments. */
  submitted(...args: readonly string[]): Promise<string>;
  /** A task that runs until it is ended, so that its slot is taken. */
  sleeping(): Promise<string>;
}

export function createCli(url: string): Cli {
  function start(
    args: readonly string[],
    environment: Readonly<Record<string, string>> = {},
  ): Started {
    const child = spawn(launcher, args, {
      env: { ...process.env, BLANKET_URL: url, ...environment },
      stdio: ["pipe", "pipe", "pipe"],
    });
    let out = "";
    let err = "";
    child.stdout.setEncoding("utf8").on("data", (chunk: string) => (out += chunk));
    child.stderr.setEncoding("utf8").on("data", (chunk: string) => (err += chunk));
    const ended = once(child, "close").then(([code]) => ({
      code: code as number | null,
      out,
      err,
    }));
    return { child, ended, out: () => out };
  }

  function blanket(...args: readonly string[]): Promise<Ended> {
    const { child, ended } = start(args);
    child.stdin?.end();
    return ended;
  }

  async function output(...args: readonly string[]): Promise<string> {
    const ended = await blanket(...args);
    expect(ended).toMatchObject({ code: 0, err: "" });
    return ended.out;
  }

  const submitted: Cli["submitted"] = async (...args) =>
    (await output("submit", "-q", ...args)).trim();

  return {
    start,
    blanket,
    output,
    submitted,
    sleeping: () => submitted("bash_task", "-e", "DEFAULT_COMMAND=exec sleep 600"),
  };
}

/** An id as people are shown it. */
export function short(id: string): string {
  return id.slice(0, 8);
}
