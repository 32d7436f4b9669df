import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";

/** The launcher that users start, which the build of this checkout stands behind. */
export const launcher = fileURLToPath(new URL("../../bin/blanket", import.meta.url));

/** The task that everything here runs: as cheap as a task type allows. */
export const noopType = "noop";
/** What is executed for it: dash or bash in the shape of `sh`, the shell's own `true`. */
export const noopArgv = ["sh", "-c", "true"] as const;

/** A real node in a directory of its own, reached over REST alone. */
export interface BenchNode {
  readonly url: string;
  readonly directory: string;
  readonly pid: number;
  /** From the start of the launcher until the node said that it was ready. */
  readonly startedInMs: number;
  get(path: string): Promise<unknown>;
  /** How many tasks are in the state. */
  count(state: string): Promise<number>;
  keeperPid(): Promise<number>;
  /** Stops node and keeper; the directory stays. */
  stop(): Promise<void>;
}

/** A directory for a node, removed after `act`. */
export async function inDirectory<T>(act: (directory: string) => Promise<T>): Promise<T> {
  const directory = mkdtempSync(join(tmpdir(), "blanket-bench-"));
  const types = join(directory, "types");
  mkdirSync(types);
  writeFileSync(join(types, `${noopType}.toml`), 'command = "true"\nexecutor = "sh"\n');
  try {
    return await act(directory);
  } finally {
    rmSync(directory, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** Starts a node, lets `act` measure it, and stops it. */
export async function withNode<T>(slots: number, act: (node: BenchNode) => Promise<T>): Promise<T> {
  return inDirectory(async (directory) => {
    const node = await startNode(directory, slots);
    try {
      return await act(node);
    } finally {
      await node.stop();
    }
  });
}

/** Starts a node on the data that may be in `directory`, and waits until it is ready. */
export async function startNode(directory: string, slots: number): Promise<BenchNode> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const start = performance.now();
  const child = launch(directory, slots, port);
  await ready(child.process, child.output, `${url}/health/ready`);
  const startedInMs = performance.now() - start;
  const get = async (path: string): Promise<unknown> => (await fetch(url + path)).json();
  const keeperPid = async () => {
    const { runner } = (await get("/ops/status/")) as { runner: { keeperPid: number | null } };
    return runner.keeperPid ?? Number.NaN;
  };
  return {
    url,
    directory,
    pid: child.process.pid ?? Number.NaN,
    startedInMs,
    get,
    count: async (state) => Number(await get(`/task/?states=${state}&count=true`)),
    keeperPid,
    async stop() {
      const keeper = await keeperPid();
      const ended = once(child.process, "exit");
      child.process.kill("SIGTERM");
      await ended;
      if (!Number.isNaN(keeper)) await waitUntilGone(keeper);
    },
  };
}

function launch(directory: string, slots: number, port: number) {
  const args = ["node", "--data", join(directory, "data"), "--types", join(directory, "types")];
  args.push("--http", `127.0.0.1:${port}`, "--slots", `${slots}`, "--name", "bench");
  const child = spawn(launcher, args, { cwd: directory, stdio: ["ignore", "pipe", "pipe"] });
  let text = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (chunk: string) => {
      text = (text + chunk).slice(-10_000);
    });
  }
  return { process: child, output: () => text };
}

async function ready(child: ChildProcess, output: () => string, url: string): Promise<void> {
  const deadline = performance.now() + 60_000;
  while (performance.now() < deadline) {
    if (child.exitCode !== null) throw new Error(`The node ended at once: ${output()}`);
    const answer = await fetch(url).catch(() => undefined);
    await answer?.arrayBuffer();
    if (answer?.ok === true) return;
    await delay(5);
  }
  child.kill("SIGKILL");
  throw new Error(`The node was not ready after a minute: ${output()}`);
}

/** Waits for a keeper, which ends by itself when it has nothing to do, and ends it where not. */
export async function waitUntilGone(pid: number): Promise<void> {
  try {
    for (let waits = 0; waits < 200; waits += 1) {
      process.kill(pid, 0);
      await delay(50);
    }
    process.kill(pid, "SIGKILL");
  } catch {
    // It is gone.
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error("No port is free.");
  return address.port;
}
