/**
 * Goal: commands that make and change tasks do so, in the words, streams and exit codes of the
 * contract.
 * Method: one `blanket node` with two slots; every command is a process of its own.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, test } from "vitest";

import type { ShownTask } from "../../../src/core/task/shown-task.ts";
import { createCli, short, type Cli } from "../../support/cli.ts";
import { eventually } from "../../support/eventually.ts";
import { startTestNode, type TestNode } from "../../support/node.ts";
import { tempDirectory } from "../../support/temp-directory.ts";

let node: TestNode;
let cli: Cli;

beforeAll(async () => {
  node = await startTestNode({ args: ["--slots", "2", "--name", "rabbit"] });
  cli = createCli(node.url);
});

afterAll(() => node.dispose());

describe("submit", () => {
  test("says what became of it, with a reason where it waits", async () => {
    const line = await cli.output("submit", "bash_task", "-e", "DEFAULT_COMMAND=true");
    expect(line).toMatch(/^[0-9a-f]{8} (?:starts|runs) on rabbit\n$/);
    const waits = await cli.output("submit", "bash_task", "--tags", "gpu");
    expect(waits).toMatch(/^([0-9a-f]{8}) waits: no live node has tag gpu \(blanket show \1\)\n$/);
    expect(await cli.output("submit", "bash_task", "--in", "10m")).toMatch(
      / starts in (?:10m|599s)\n$/,
    );
  });

  test("waits, and a failed task is a failed command", async () => {
    const good = await cli.output("submit", "bash_task", "-e", "DEFAULT_COMMAND=true", "--wait");
    expect(good).toMatch(/ succeeded on rabbit after \d/);
    const bad = await cli.blanket("submit", "bash_task", "-e", "DEFAULT_COMMAND=exit 7", "--wait");
    expect(bad.code).toBe(1);
    expect(bad.err).toMatch(
      /^blanket: [0-9a-f]{8} failed on rabbit after .*: exit 7; `blanket logs/,
    );
    const args = ["submit", "bash_task", "-e", "DEFAULT_COMMAND=exit 7", "--wait", "--exit-code"];
    expect((await cli.blanket(...args)).code).toBe(7);
  });

  test("takes the original's form, files and a key", async () => {
    const directory = await tempDirectory();
    const file = join(directory, "data.csv");
    writeFileSync(file, "a;b\n");
    const command = "cat in/x.csv; echo $frogs";
    const variables = JSON.stringify({ frogs: 5, DEFAULT_COMMAND: command });
    const upload = `${file}:in/x.csv`;
    const id = await cli.submitted("-t", "bash_task", "-e", variables, "-f", upload, "--wait");
    expect(await cli.output("logs", id)).toBe("a;b\n5\n");
    const keyed = ["bash_task", "--key", "once", "-e", "DEFAULT_COMMAND=true"];
    const first = await cli.submitted(...keyed);
    expect(await cli.submitted(...keyed)).toBe(first);
    const other = await cli.blanket("submit", "bash_task", "--key", "once", "--priority", "3");
    expect(other).toMatchObject({ code: 5, out: "" });
    expect(other.err).toContain("the key once belongs to task");
  });

  test("--json prints the task", async () => {
    const task = JSON.parse(await cli.output("submit", "echo_task", "--json")) as ShownTask;
    expect(task).toMatchObject({ type: "echo_task" });
    const ended = JSON.parse(
      await cli.output("submit", "echo_task", "--json", "--wait"),
    ) as ShownTask;
    expect(ended.state).toBe("SUCCESS");
  });

  test.each([
    [["bash_taks"], "did you mean bash_task?"],
    [[], "name a task type"],
    [["bash_task", "-e", "{"], "-e begins like JSON and is none"],
    [["bash_task", "-e", '{"a": {"b": 1}}'], "environment.a"],
    [["bash_task", "--prority", "1"], "has no flag --prority; did you mean --priority?"],
    [["bash_task", "-f", "/no/such/file"], "can't be uploaded (it is not there)"],
    [["bash_task", "-f", "/dev/null:../x"], "can't be uploaded"],
    [["bash_task", "--at", "never"], '--at is "never"'],
  ])("%j is refused with exit 2", async (args, sentence) => {
    const ended = await cli.blanket("submit", ...args);
    expect(ended).toMatchObject({ code: 2, out: "" });
    expect(ended.err).toMatch(/^blanket: .+\n$/);
    expect(ended.err).toContain(sentence);
  });
});

describe("run", () => {
  test("follows: the task's streams are the command's, and its end decides", async () => {
    const words = ["sh", "-c", "echo 'to  out'; echo to err >&2; exit 4"];
    const ended = await cli.blanket("run", "--follow", "--", ...words);
    expect(ended).toMatchObject({ code: 1, out: "to  out\n" });
    expect(ended.err).toMatch(
      /^[0-9a-f]{8} (?:starts|runs) on rabbit\nto err\nblanket: .*: exit 4;/,
    );
    expect((await cli.blanket("run", "--follow", "--exit-code", "-q", "--", "exit 9")).code).toBe(
      9,
    );
  });

  test("Ctrl-C ends the watching, not the task", async () => {
    const started = cli.start(["run", "--follow", "--", "echo there; exec sleep 600"]);
    await eventually("it prints", () => started.out().includes("there"));
    started.child.kill("SIGINT");
    const ended = await started.ended;
    expect(ended.code).toBe(130);
    const [, id = ""] = /\n([0-9a-f]{8}) goes on; `blanket logs -f/.exec(ended.err) ?? [];
    await node.reaches(id, "RUNNING");
    await cli.output("cancel", id);
  });

  test("asks for -- where flags of the command came before it", async () => {
    expect(await cli.blanket("run", "ls", "-l")).toMatchObject({
      code: 2,
      err: "blanket: `blanket run` has no flag -l; put -- before the command that is to run.\n",
    });
  });
});

describe("changes", () => {
  test("cancel ends a running task", async () => {
    const id = await cli.sleeping();
    await node.reaches(id, "RUNNING");
    expect(await cli.output("cancel", short(id))).toMatch(/^[0-9a-f]{8} stopped on rabbit after /);
    expect(await cli.blanket("cancel", id)).toMatchObject({ code: 5 });
  });

  test("pause keeps a task, resume lets it go", async () => {
    const id = await cli.submitted("bash_task", "--tags", "gpu");
    expect(await cli.output("pause", id)).toBe(`${short(id)} is paused\n`);
    expect(await cli.output("resume", id)).toContain("waits: no live node has tag gpu");
    expect((await cli.blanket("resume", id)).code).toBe(5);
    await cli.output("rm", id);
  });

  test("retry makes a new task", async () => {
    const id = await cli.submitted("echo_task", "--wait");
    const again = (await cli.output("retry", id, "-q")).trim();
    expect(again).not.toBe(id);
    expect((await node.task(again)).retryOf).toBe(id);
    await cli.output("wait", again);
  });

  test("rm removes; ids come from stdin, last and all", async () => {
    const running = await cli.sleeping();
    await node.reaches(running, "RUNNING");
    expect(await cli.output("rm", short(running))).toMatch(
      /^[0-9a-f]{8} stopped on rabbit after .* and removed\n$/,
    );
    const ids = [
      await cli.submitted("echo_task", "--wait"),
      await cli.submitted("echo_task", "--wait"),
    ];
    const removing = cli.start(["rm", "-", "-q"]);
    removing.child.stdin?.end(`${ids.join("\n")}\n`);
    expect((await removing.ended).out).toBe(`${ids.join("\n")}\n`);
    const last = await cli.submitted("sleep_task", "--in", "1h");
    expect(await cli.output("rm", "last")).toBe(`${short(last)} removed\n`);
    expect(await cli.blanket("rm", "all")).toMatchObject({ code: 2 });
    await cli.output("rm", "all", "-t", "echo_task", "-y");
    expect(await cli.output("ps", "-aq", "-t", "echo_task")).toBe("");
  });

  test("one id that fails does not hold up the others, and decides the exit code", async () => {
    const id = await cli.submitted("sleep_task", "--in", "1h");
    const ended = await cli.blanket("rm", "zz", id);
    expect(ended).toMatchObject({ code: 4, out: `${short(id)} removed\n` });
    expect(ended.err).toMatch(/^blanket: no task starts with zz/);
  });
});

describe("wait", () => {
  test("waits for the end, for a state, or for so long", async () => {
    const id = await cli.sleeping();
    expect(await cli.output("wait", id, "--for", "RUNNING")).toContain("runs on rabbit");
    expect(await cli.blanket("wait", id, "--timeout", "0.1")).toMatchObject({ code: 1 });
    const waiting = cli.blanket("wait", id);
    await cli.output("cancel", id);
    expect(await waiting).toMatchObject({ code: 1, out: "" });
    const good = await cli.submitted("echo_task");
    expect(await cli.output("wait", good, "last")).toContain(`${short(good)} succeeded on rabbit`);
  });
});
