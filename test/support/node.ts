import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

import type { ShownTask } from "../../src/core/task/shown-task.ts";
import { eventually } from "./eventually.ts";
import { isAlive, processesWith } from "./keeper.ts";

const launcher = new URL("../../bin/blanket", import.meta.url).pathname;

export interface TestNodeOptions {
  /** Program and first arguments in place of `bin/blanket`. */
  readonly program?: readonly string[];
  /** Further arguments of `blanket node`. */
  readonly args?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  readonly port?: number;
  readonly dataDirectory?: string;
}

/** A real `blanket node` with its own data directory and port. */
export interface TestNode {
  readonly url: string;
  readonly port: number;
  readonly dataDirectory: string;
  readonly process: ChildProcess;
  /** What it has written so far. */
  output(): string;
  request(method: string, path: string, body?: unknown): Promise<Response>;
  submit(body: Record<string, unknown>): Promise<ShownTask>;
  task(id: string): Promise<ShownTask>;
  /** The task once it is in one of the states. */
  reaches(id: string, ...states: readonly string[]): Promise<ShownTask>;
  /** Ends the daemon with a signal and waits until it is gone. */
  kill(signal: NodeJS.Signals): Promise<void>;
  /** Starts another daemon on the same data directory and port. */
  restart(args?: readonly string[], program?: readonly string[]): Promise<TestNode>;
  /** Ends daemon, tasks and keeper, and removes the data directory. */
  dispose(): Promise<void>;
}

/** Starts a node and waits until it is ready. */
export async function startTestNode(options: TestNodeOptions = {}): Promise<TestNode> {
  const dataDirectory = options.dataDirectory ?? mkdtempSync(join(tmpdir(), "blanket-node-"));
  const port = options.port ?? (await freePort());
  const { child, output } = launch(options, dataDirectory, port);
  const url = `http://127.0.0.1:${port}`;
  await eventually("the node is ready", async () => {
    if (child.exitCode !== null) return true;
    const answer = await fetch(`${url}/health/ready`);
    return answer.status === 200;
  });
  if (child.exitCode !== null) throw new Error(`blanket node ended: ${output()}`);
  return testNode({ ...options, dataDirectory, port }, { child, output, url });
}

function launch(options: TestNodeOptions, dataDirectory: string, port: number) {
  const { args = [], environment = {}, cwd = dataDirectory } = options;
  const [program = launcher, ...first] = options.program ?? [launcher];
  const fixed = ["node", "--data", dataDirectory, "--http", `127.0.0.1:${port}`];
  const child = spawn(program, [...first, ...fixed, ...args], {
    cwd,
    env: { ...process.env, ...environment },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let text = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (chunk: string) => {
      text += chunk;
    });
  }
  return { child, output: () => text };
}

function testNode(
  options: TestNodeOptions & { readonly dataDirectory: string; readonly port: number },
  running: { readonly child: ChildProcess; readonly output: () => string; readonly url: string },
): TestNode {
  const { dataDirectory, port } = options;
  const { child, output, url } = running;

  const request: TestNode["request"] = (method, path, body) =>
    fetch(url + path, {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });

  async function kill(signal: NodeJS.Signals): Promise<void> {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, "exit");
    child.kill(signal);
    await ended;
  }

  async function task(id: string): Promise<ShownTask> {
    const answer = await request("GET", `/task/${id}`);
    if (!answer.ok) throw new Error(`${id}: ${answer.status} ${await answer.text()}`);
    return (await answer.json()) as ShownTask;
  }

  return {
    url,
    port,
    dataDirectory,
    process: child,
    output,
    request,
    task,
    kill,
    async submit(body) {
      const answer = await request("POST", "/task/", body);
      if (!answer.ok) throw new Error(`${answer.status} ${await answer.text()}`);
      return (await answer.json()) as ShownTask;
    },
    reaches: (id, ...states) =>
      eventually(`${id} reaches ${states.join(" or ")}`, async () => {
        const now = await task(id);
        return states.includes(now.state) && now;
      }),
    async restart(args = options.args ?? [], program = options.program ?? [launcher]) {
      return startTestNode({ ...options, args, program });
    },
    async dispose() {
      await kill("SIGKILL");
      await removeAll(dataDirectory);
    },
  };
}

/** Ends whatever runs for a data directory, daemons included, and removes it. */
export async function removeAll(dataDirectory: string): Promise<void> {
  await killKeeper(dataDirectory);
  for (const pid of processesWith(dataDirectory)) endProcess(pid);
  rmSync(dataDirectory, { recursive: true, force: true, maxRetries: 5 });
}

/** Ends the keeper of a data directory as a crash would, and waits until it is gone. */
export async function killKeeper(dataDirectory: string): Promise<void> {
  const pid = keeperPid(dataDirectory);
  if (pid === undefined || !isAlive(pid)) return;
  endProcess(pid);
  await eventually("the keeper is gone", () => !isAlive(pid));
}

function endProcess(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It has ended meanwhile.
  }
}

/** Process id of the keeper of a data directory, where one was started. */
export function keeperPid(dataDirectory: string): number | undefined {
  try {
    return Number(readFileSync(join(dataDirectory, "keeper", "pid"), "utf8"));
  } catch {
    return undefined;
  }
}

/**
 * A port that nobody listens on now. Below those that the system hands out by itself: a test that
 * starts a node anew must find its port free still.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = 10_240 + Math.floor(Math.random() * 20_000);
    if (await isFree(port)) return port;
  }
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer().listen(port, "127.0.0.1");
  try {
    await once(server, "listening");
  } catch {
    return false;
  }
  server.close();
  await once(server, "close");
  return true;
}
