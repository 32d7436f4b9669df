/**
 * Goal: mistakes are said in one sentence with the exit code of the contract, and `blanket node`
 * itself starts, stops and refuses as it should.
 * Method: commands against one `blanket node`, against nobody, and nodes of their own.
 */
import { readFileSync } from "node:fs";

import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";

import { createCli, type Cli } from "../../support/cli.ts";
import { eventually } from "../../support/eventually.ts";
import { freePort, startTestNode, type TestNode } from "../../support/node.ts";
import { tempDirectory } from "../../support/temp-directory.ts";

let node: TestNode;
let cli: Cli;

beforeAll(async () => {
  node = await startTestNode({ args: ["--slots", "2", "--name", "rabbit"] });
  cli = createCli(node.url);
});

afterAll(() => node.dispose());

describe("whoever is asked for nothing", () => {
  test("a node that is not there: exit 3, which URL and what to try", async () => {
    const port = await freePort();
    const sentence = `blanket: nothing answers at http://127.0.0.1:${port}. Start a node with \`blanket node\`, or name another with -u or BLANKET_URL.\n`;
    for (const command of [["ps"], ["show", "1"], ["submit", "bash_task"], ["ls", "nodes"]]) {
      expect(await cli.blanket(...command, "-p", String(port))).toEqual({
        code: 3,
        out: "",
        err: sentence,
      });
    }
  });

  test.each([
    [["frobnicate"], "there is no command frobnicate; `blanket help` lists all."],
    [["shwo", "1"], "there is no command shwo; did you mean show?"],
    [["show"], "`blanket show` needs ID; `blanket show --help` shows how."],
    [["ps", "x"], '`blanket ps` does not take "x"'],
    [["ps", "-l"], "--limit expects a value."],
    [["ls", "what"], "`blanket ls` does not list what"],
    [["rm"], "`blanket rm` needs ID"],
    [["--slots", "many"], '--slots is "many"'],
  ])("%j is refused with exit 2", async (args, sentence) => {
    const ended = await cli.blanket(...args);
    expect(ended).toMatchObject({ code: 2, out: "" });
    expect(ended.err).toContain(`blanket: ${sentence}`);
    expect(ended.err.trimEnd().split("\n")).toHaveLength(1);
  });

  test("a stack trace comes with DEBUG only", async () => {
    const { child, ended } = cli.start(["show", "zz"], { DEBUG: "1" });
    child.stdin?.end();
    expect((await ended).err).toContain("    at ");
  });

  test("help and version need no node", async () => {
    const { version } = JSON.parse(
      readFileSync(new URL("../../../package.json", import.meta.url), "utf8"),
    ) as { readonly version: string };
    expect(await cli.output("version")).toContain(`blanket ${version} (Node v`);
    expect(await cli.output("--version")).toBe(await cli.output("version"));
    expect(await cli.output("help")).toContain("submit ");
    expect(await cli.output("submit", "--help")).toBe(await cli.output("help", "submit"));
  });
});

describe("node", () => {
  test("greets, leaves tasks running at SIGTERM, and finds them again", async () => {
    const one = await startTestNode({ args: ["--slots", "1", "--name", "otter"] });
    onTestFinished(() => one.dispose());
    await eventually("it greets", () => one.output().includes(`REST   ${one.url}\n`));
    expect(one.output()).toMatch(/blanket \d+\.\d+\.\d+ · node otter\n/);
    expect(one.output()).toMatch(/\nruns {3}1 slot · 5 task types · tags .*node:otter/);
    const task = await one.submit({
      type: "bash_task",
      environment: { DEFAULT_COMMAND: "exec sleep 600" },
    });
    await one.reaches(task.id, "RUNNING");
    await one.kill("SIGTERM");
    expect(one.process.exitCode).toBe(0);
    expect(one.output()).toContain("The node stops; 1 task goes on running");
    const again = await one.restart(["--slots", "1", "--name", "otter", "--stop-tasks"]);
    onTestFinished(() => again.kill("SIGKILL"));
    await eventually("it tells what it found", () => again.output().includes("found  1 running"));
    expect((await again.task(task.id)).state).toBe("RUNNING");
    await again.kill("SIGINT");
    expect(again.process.exitCode).toBe(0);
    expect(again.output()).toContain("The node stops and ends 1 task.");
  });

  test("a data directory or port that is taken: exit 2 and a command that works", async () => {
    const port = await freePort();
    const taken = await cli.blanket(
      "node",
      "--data",
      node.dataDirectory,
      "--http",
      `127.0.0.1:${port}`,
    );
    expect(taken.code).toBe(2);
    expect(taken.err).toMatch(/blanket node .*--data \S+/);
    const data = await tempDirectory();
    const busy = await cli.blanket("node", "--data", data, "--http", `127.0.0.1:${node.port}`);
    expect(busy.code).toBe(2);
    expect(busy.err).toMatch(/blanket node .*--http 127\.0\.0\.1:\d+ .*--data \S+/);
  });
});
