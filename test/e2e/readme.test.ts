/**
 * Goal: every command of the README's quick start works as printed.
 * Method: the commands are read from README.md itself and run by bash, one after the other, against
 * a real node on the printed port (or, where that is taken on this machine, on another one put in
 * its place), with `blanket` on PATH, `python` linked to python3 where a machine has none, and the
 * two files that the uploads name.
 */
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import type { ShownTask } from "../../src/core/task/shown-task.ts";
import type { ShownWorker } from "../../src/core/worker.ts";
import { eventually } from "../support/eventually.ts";
import { freePort, startTestNode, type TestNode } from "../support/node.ts";

const root = new URL("../..", import.meta.url).pathname;
const printedPort = 8773;
const commands = quickStart(readFileSync(join(root, "README.md"), "utf8"));

let node: TestNode;
let place: string;

beforeAll(async () => {
  place = mkdtempSync(join(tmpdir(), "blanket-readme-"));
  mkdirSync(join(place, "bin"));
  const hasPython = spawnSync("sh", ["-c", "command -v python"]).status === 0;
  const python3 = spawnSync("sh", ["-c", "command -v python3"]).stdout.toString().trim();
  if (!hasPython) symlinkSync(python3, join(place, "bin", "python"));
  writeFileSync(join(place, "blanket.json"), '{"fruit": "pear"}\n');
  writeFileSync(
    join(place, "data.json"),
    '{"type": "python_hello", "environment": {"frogs": 7}}\n',
  );
  node = await startTestNode({
    port: (await isFree(printedPort)) ? printedPort : await freePort(),
  });
});

afterAll(async () => {
  await node.dispose();
  rmSync(place, { recursive: true, force: true });
});

describe("the README's quick start", () => {
  it("prints the commands that users of the original know", () => {
    expect(commands).toHaveLength(11);
  });

  it("lists no tasks, over REST and with the command", () => {
    expect(JSON.parse(run("-X GET localhost:8773/task/ | python"))).toEqual([]);
    expect(run("blanket ps")).toContain("free on 1 node");
  });

  it("submits bash_task, which shows its environment", async () => {
    const task = await finished(JSON.parse(run('"CATS": 2}}\'', "bash_task")));
    const log = await text(`/task/${task.id}/log/tail?n=1000`);
    for (const line of ["PANDAS=four", "Frogs=5", "CATS=2"]) expect(log).toContain(line);
  });

  it("submits bash_task with a command of one's own", async () => {
    const task = await finished(JSON.parse(run("cd ~ && ls -lah")));
    expect(await text(`/task/${task.id}/log/tail`)).toMatch(/^total /m);
  });

  it("submits python_hello", async () => {
    const task = await finished(JSON.parse(run('-d\'{"type": "python_hello"')));
    expect(await text(`/task/${task.id}/log/tail?n=1000`)).toContain("frogs");
  });

  it("uploads a file beside a form field, and beside a file that holds the task", async () => {
    for (const part of ["-F data='{", "-F data=@data.json"]) {
      const task = await finished(JSON.parse(run(part)));
      expect(task.files.map(({ path }) => path)).toEqual(["blanket.json"]);
      expect(await text(`/task/${task.id}/log/tail?n=1000`)).toContain("pear");
      expect(await text(`/results/${task.id}/blanket.json`)).toBe('{"fruit": "pear"}\n');
    }
  });

  it("removes a task over REST", async () => {
    const { id } = await node.submit({ type: "sleep_task" });
    const answer = JSON.parse(run("-X DELETE", "<id>", id)) as { id: string };
    expect(answer.id).toBe(id);
    expect((await node.request("GET", `/task/${id}`)).status).toBe(404);
  });

  it("removes the newest task, and then all", async () => {
    const before = await listed();
    run("tail -n1 | xargs blanket rm");
    expect(await listed()).toEqual(before.slice(0, -1));
    run("xargs -I {} blanket rm {}");
    expect(await listed()).toEqual([]);
  });

  it("adds a worker with its own tags for as long as the command runs", async () => {
    const command = find("blanket worker");
    const child = spawn("bash", ["-c", `exec ${command}`], { cwd: place, env: environment() });
    await eventually("the worker is there", async () => (await python27()) === 1);
    const ended = once(child, "exit");
    child.kill("SIGINT");
    await ended;
    await eventually("the worker is gone", async () => (await python27()) === 0);
    expect(await python27()).toBe(0);
  });
});

/** The indented commands under the heading, as printed. */
function quickStart(readme: string): readonly string[] {
  const section = readme.split("## Quick start")[1]?.split("\n## ")[0] ?? "";
  return section
    .split("\n")
    .filter((line) => line.startsWith("    "))
    .map((line) => line.trim());
}

function find(...parts: readonly string[]): string {
  const found = commands.filter((command) => parts.every((part) => command.includes(part)));
  if (found[0] === undefined) throw new Error(`the README prints no command with ${parts.join()}`);
  return found[0].replaceAll("localhost:8773", `localhost:${node.port}`);
}

function environment(): NodeJS.ProcessEnv {
  const PATH = `${join(root, "bin")}:${join(place, "bin")}:${process.env["PATH"] ?? ""}`;
  return { ...process.env, PATH, BLANKET_URL: node.url };
}

/** Runs the printed command that holds `part`, with `id` for a printed `<id>`; gives its output. */
function run(part: string, other = "", id = ""): string {
  const command = find(part, other).replace("<id>", id);
  const done = spawnSync("bash", ["-o", "pipefail", "-c", command], {
    cwd: place,
    env: environment(),
    encoding: "utf8",
  });
  expect(`${done.status} ${command}${done.status === 0 ? "" : done.stderr}`).toBe(`0 ${command}`);
  return done.stdout;
}

async function text(path: string): Promise<string> {
  return (await node.request("GET", path)).text();
}

/** Workers with the tag that only the README's worker has. */
async function python27(): Promise<number> {
  const workers = (await (await node.request("GET", "/worker/")).json()) as ShownWorker[];
  return workers.filter((worker) => worker.tags.includes("python27")).length;
}

async function listed(): Promise<readonly string[]> {
  const tasks = (await (await node.request("GET", "/task/")).json()) as ShownTask[];
  return tasks.map(({ id }) => id);
}

/** The task once it has ended well. */
async function finished({ id }: ShownTask): Promise<ShownTask> {
  return node.reaches(id, "SUCCESS");
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  server.listen(port, "127.0.0.1");
  const [outcome] = await Promise.race([
    once(server, "listening").then(() => ["free"]),
    once(server, "error").then(() => ["taken"]),
  ]);
  server.close();
  return outcome === "free";
}
