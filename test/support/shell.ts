import { spawn } from "node:child_process";
import { once } from "node:events";

import { launcher, type Ended, type Started } from "./cli.ts";

/** Starts a line of bash with `blanket` on PATH, as a user types it. */
export function startShell(
  line: string,
  environment: Readonly<Record<string, string>> = {},
): Started {
  const PATH = `${launcher.slice(0, launcher.lastIndexOf("/"))}:${process.env["PATH"] ?? ""}`;
  const child = spawn("bash", ["-o", "pipefail", "-c", line], {
    env: { ...process.env, ...environment, PATH },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let [out, err] = ["", ""];
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => (out += chunk));
  child.stderr.setEncoding("utf8").on("data", (chunk: string) => (err += chunk));
  const ended = once(child, "close").then(([code]) => ({ code: code as number | null, out, err }));
  return { child, ended, out: () => out };
}

/** Runs a line of bash until it ends. */
export function shell(
  line: string,
  environment: Readonly<Record<string, string>> = {},
): Promise<Ended> {
  return startShell(line, environment).ended;
}
