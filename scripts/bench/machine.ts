import { execFileSync } from "node:child_process";
import { cpus, loadavg, release, tmpdir, totalmem } from "node:os";

/** What a table of figures has to say about where they come from. */
export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGiB: number;
  readonly kernel: string;
  readonly node: string;
  /** File system of the temporary directory, where data and logs were kept. */
  readonly fileSystem: string;
  readonly commit: string;
  /** Load average of the last minute before the run: what else the machine was doing. */
  readonly load: number;
}

/** Looks at the machine and the checkout. */
export function describeMachine(): Machine {
  const processors = cpus();
  return {
    cpu: processors[0]?.model.trim() ?? "unknown",
    cores: processors.length,
    memoryGiB: Math.round(totalmem() / 1024 ** 3),
    kernel: release(),
    node: process.version,
    fileSystem: said("df", "--output=fstype", tmpdir()).split("\n").at(-1) ?? "",
    commit: commit(),
    load: loadavg()[0] ?? Number.NaN,
  };
}

function commit(): string {
  const hash = said("git", "rev-parse", "--short", "HEAD");
  return said("git", "status", "--porcelain", "--untracked-files=no") === "" ? hash : `${hash}+`;
}

function said(command: string, ...args: readonly string[]): string {
  try {
    return execFileSync(command, args, {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    }).trim();
  } catch {
    return "unknown";
  }
}
