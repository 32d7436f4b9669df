import { spawn } from "node:child_process";
import { once } from "node:events";

import { launcher, type Ended } from "./cli.ts";

export interface ShellOptions {
  readonly environment?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

/** Runs a line of bash with `blanket` on PATH, as a user types it. */
export async function shell(
  line: string,
  { environment = {}, signal }: ShellOptions = {},
): Promise<Ended> {
  const PATH = `${launcher.slice(0, launcher.lastIndexOf("/"))}:${process.env["PATH"] ?? ""}`;
  const child = spawn("bash", ["-o", "pipefail", "-c", line], {
    env: { ...process.env, ...environment, PATH },
    stdio: ["ignore", "pipe", "pipe"],
    ...(signal === undefined ? {} : { signal }),
  });
  let [out, err] = ["", ""];
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => (out += chunk));
  child.stderr.setEncoding("utf8").on("data", (chunk: string) => (err += chunk));
  const [code] = (await once(child, "close")) as [number | null];
  return { code, out, err };
}
