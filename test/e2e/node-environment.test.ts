/**
 * Goal: a command sees what CONTRACT section 5 says, and nothing else: its environment, directory,
 * input and files.
 * Method: a node whose own environment holds secrets, an allow-list entry and odd values runs
 * commands that write down what they see, NUL-separated, so that no value can hide another.
 */
import { existsSync, readFileSync, realpathSync } from "node:fs";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import type { ShownTask } from "../../src/core/task/shown-task.ts";
import { keeperPid, startTestNode, type TestNode } from "../support/node.ts";
import { multipartBody } from "../support/rest.ts";
import { bashTask } from "../support/tasks.ts";

/** What bash itself adds. */
const ofBash = ["PWD", "SHLVL", "_", "OLDPWD"];

let node: TestNode;

beforeAll(async () => {
  node = await startTestNode({
    args: ["--slots", "2", "--name", "rabbit"],
    environment: {
      HOME: "/home/of-the-node",
      USER: "somebody",
      LOGNAME: "somebody",
      SHELL: "/bin/sh",
      LANG: "C.UTF-8",
      LC_TIME: "C",
      TZ: "Europe/Berlin",
      TMPDIR: "/tmp",
      API_TOKEN: "a secret of the daemon",
      BLANKET_TOKEN: "another one",
      NODE_OPTIONS: "--no-warnings",
      LD_LIBRARY_PATH: "/nowhere",
    },
  });
});

afterAll(() => node.dispose());

describe("the environment of a command", () => {
  it("is the allow-list, the task's own, and what Blanket tells it", async () => {
    const command = "env -0 > seen; exit 0";
    const own = { PANDAS: "four", EMPTY: "", LINES_: 'two\nlines, "quotes" and $HOME' };
    const task = await ended(bashTask(command, { environment: own }));
    const seen = environmentIn(task, "seen");
    for (const name of ofBash) delete seen[name];
    const { BLANKET_TASK_TOKEN: token, ...rest } = seen;
    expect(token).toMatch(/^[0-9a-f]{64}$/);
    const nonces = Object.keys(rest).filter((name) => /NONCE/.test(name));
    for (const name of nonces) delete rest[name];
    expect(nonces).toHaveLength(1);
    expect(rest).toEqual({
      PATH: process.env["PATH"],
      HOME: "/home/of-the-node",
      USER: "somebody",
      LOGNAME: "somebody",
      SHELL: "/bin/sh",
      LANG: "C.UTF-8",
      LC_TIME: "C",
      TZ: "Europe/Berlin",
      TMPDIR: "/tmp",
      DEFAULT_COMMAND: command,
      ...own,
      BLANKET_TASK_ID: task.id,
      BLANKET_ATTEMPT: "1",
      BLANKET_NODE: "rabbit",
      BLANKET_URL: node.url,
      BLANKET_PROGRESS_FILE: join(task.resultDir, "blanket.progress"),
      BLANKET_APP_TASK_ID: task.id,
      BLANKET_APP_RESULTS_DIRECTORY: join(node.dataDirectory, "results"),
      BLANKET_APP_TASK_RESULTS_DIRECTORY: task.resultDir,
      BLANKET_APP_WORKER_PID: String(node.process.pid),
      BLANKET_APP_SERVER_PORT: String(node.port),
    });
  });

  it("may override the allow-list, but not what Blanket tells", async () => {
    const environment = { HOME: "/elsewhere", BLANKET_TASK_ID: "forged", BLANKET_ATTEMPT: "9" };
    const task = await ended(bashTask("env -0 > seen", { environment }));
    expect(environmentIn(task, "seen")).toMatchObject({
      HOME: "/elsewhere",
      BLANKET_TASK_ID: task.id,
      BLANKET_ATTEMPT: "1",
    });
  });

  it("is not the keeper's, which has none", () => {
    const keeper = keeperPid(node.dataDirectory) ?? 0;
    expect(readFileSync(`/proc/${keeper}/environ`, "utf8")).not.toContain("secret");
  });

  it("masks in listings what looks secret, and hands it to the command", async () => {
    const environment = { DB_PASSWORD: "hunter2", COLOUR: "red" };
    const task = await ended(bashTask("echo $DB_PASSWORD", { environment }));
    expect(task.defaultEnv).toMatchObject({ DB_PASSWORD: "***", COLOUR: "red" });
    expect(readFileSync(join(task.resultDir, "blanket.stdout.log"), "utf8")).toBe("hunter2\n");
    expect(node.output()).not.toContain("hunter2");
  });
});

describe("a command", () => {
  it("runs in its results directory, with no terminal and an input at its end", async () => {
    const look = `pwd -P; cat; [ -t 0 ] || echo no terminal; read -r line || echo no input;
      ls -l /proc/self/fd | grep -c . ; umask; ps -o pgid= -p $$ | tr -d " "; echo $$ >&2`;
    const task = await ended(bashTask(look));
    const path = realpathSync(task.resultDir);
    expect(task.resultDir).toBe(join(node.dataDirectory, "results", task.id));
    const [out, err] = ["stdout", "stderr"].map((stream) =>
      readFileSync(join(task.resultDir, `blanket.${stream}.log`), "utf8"),
    );
    const lines = (out ?? "").trim().split("\n");
    expect(lines.slice(0, 3)).toEqual([path, "no terminal", "no input"]);
    expect(lines.at(-1)).toBe(String(task.pid));
    expect(err).toBe(`${task.pid}\n`);
  });

  it("finds uploaded files where their names say, and may change them", async () => {
    const { headers, body } = multipartBody([
      { name: "data", content: JSON.stringify(bashTask("cat a.txt sub/b.bin; echo new >> a.txt")) },
      { name: "a.txt", content: "first\n", filename: "whatever.txt" },
      { name: "sub/b.bin", content: Buffer.from([0x66, 0xff, 0x0a]), filename: "b" },
    ]);
    const answer = await fetch(`${node.url}/task/?wait=20s`, { method: "POST", headers, body });
    const task = (await answer.json()) as ShownTask;
    expect(task).toMatchObject({
      state: "SUCCESS",
      files: [{ path: "a.txt" }, { path: "sub/b.bin" }],
    });
    const raw = await node.request("GET", `/task/${task.id}/log/raw`);
    const bytes = Buffer.from(await raw.arrayBuffer());
    expect(bytes).toEqual(Buffer.from([...Buffer.from("first\nf"), 0xff, 0x0a]));
    const changed = await node.request("GET", `/results/${task.id}/a.txt`);
    expect(await changed.text()).toBe("first\nnew\n");
    const listing = (await (await node.request("GET", `/results/${task.id}/`)).json()) as Entry[];
    expect(listing.map(({ name, kind }) => [name, kind])).toEqual([
      ["a.txt", "file"],
      ["blanket.stderr.log", "file"],
      ["blanket.stdout.log", "file"],
      ["sub", "directory"],
    ]);
  });

  it("leaves results that are served, but no way out of its directory", async () => {
    const task = await ended(
      bashTask("ln -s /etc/hostname out; mkdir d; echo in > d/in; ln -s d/in ok"),
    );
    const status = async (path: string) =>
      (await node.request("GET", `/results/${task.id}/${path}`)).status;
    expect(await status("out")).toBe(404);
    expect(await status("d/in")).toBe(200);
    expect(await status("..%2f..%2fnode.key")).toBe(404);
    expect(existsSync(join(node.dataDirectory, "node.key"))).toBe(true);
  });
});

interface Entry {
  readonly name: string;
  readonly kind: string;
}

async function ended(body: Record<string, unknown>): Promise<ShownTask> {
  const { id } = await node.submit(body);
  return node.reaches(id, "SUCCESS");
}

function environmentIn(task: ShownTask, file: string): Record<string, string> {
  const text = readFileSync(join(task.resultDir, file), "utf8");
  return Object.fromEntries(
    text.split("\0").flatMap((entry) => {
      const equals = entry.indexOf("=");
      return equals < 0 ? [] : [[entry.slice(0, equals), entry.slice(equals + 1)]];
    }),
  );
}
