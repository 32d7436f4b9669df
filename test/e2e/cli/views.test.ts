/**
 * Goal: commands that show tasks, logs, workers, nodes and types do so, and workers come and go.
 * Method: one `blanket node` with two slots; every command is a process of its own.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";

import type { ShownWorker } from "../../../src/core/worker.ts";
import { createCli, launcher, short, type Cli } from "../../support/cli.ts";
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

describe("ps, ls and show", () => {
  test("list what is there", async () => {
    const id = await cli.sleeping();
    await node.reaches(id, "RUNNING");
    const table = await cli.output("ps");
    expect(table).toMatch(/^ID {8}TYPE {2,}STATE {2,}NODE {2,}AGE {2,}RAN\n/);
    expect(table).toContain(`${short(id)}  bash_task`);
    expect(table).toMatch(/1 running.* · 1 of 2 slots free on 1 node\n$/);
    expect(await cli.output("ps", "-q", "-s", "RUNNING")).toBe(`${id}\n`);
    expect(await cli.output("ps", "--template", "{{.id}} {{.state}}", "-s", "running")).toBe(
      `${id} RUNNING\n`,
    );
    expect(await cli.output("ls", "tasks", "-s", "RUNNING")).toContain(`${short(id)}  RUNNING`);
    expect(await cli.output("ls", "workers")).toContain(`running  ${short(id)}  node`);
    expect(await cli.output("ls", "nodes")).toMatch(/rabbit {2}alive {2}1 of 2/);
    expect(await cli.output("ls", "nodes", "-q")).toBe("rabbit\n");
    expect(await cli.output("ls", "tasktypes", "-q")).toBe(await cli.output("ls", "types", "-q"));
    const shown = await cli.output("show", short(id));
    expect(shown).toContain(`id        ${id}\n`);
    expect(shown).toContain("state     RUNNING\n");
    expect(JSON.parse(await cli.output("show", id, "--json"))).toMatchObject({ id });
    await cli.output("cancel", id);
  });

  test("an id that no task has, and one that several have", async () => {
    expect(await cli.blanket("show", "zz")).toMatchObject({ code: 4, out: "" });
    // Of 17 ids, two begin with the same digit.
    const later = { type: "sleep_task", notBefore: "2100-01-01T00:00:00Z" };
    const tasks = await Promise.all(Array.from({ length: 17 }, () => node.submit(later)));
    const digits = tasks.map(({ id }) => id.charAt(0));
    const ambiguous = digits.find((digit, index) => digits.indexOf(digit) < index) ?? "";
    const ended = await cli.blanket("show", ambiguous);
    expect(ended.code).toBe(2);
    expect(ended.err).toContain("give more digits");
    await cli.output("rm", "all", "-t", "sleep_task", "-y");
  });

  test("a reader that goes away is no failure", async () => {
    const command = `set -o pipefail; "${launcher}" ps -a | head -n 1; "${launcher}" ls tasks | true`;
    const child = spawn("bash", ["-c", command], {
      env: { ...process.env, BLANKET_URL: node.url },
      stdio: ["ignore", "ignore", "pipe"],
    });
    let err = "";
    child.stderr.setEncoding("utf8").on("data", (chunk: string) => (err += chunk));
    expect(await once(child, "close")).toEqual([0, null]);
    expect(err).toBe("");
  });
});

describe("logs", () => {
  test("print both streams to where they belong, or one", async () => {
    const command = "DEFAULT_COMMAND=printf 'no end'; printf 'bad\\n' >&2";
    const id = await cli.submitted("bash_task", "-e", command, "--wait");
    expect(await cli.blanket("logs", id)).toEqual({ code: 0, out: "no end", err: "bad\n" });
    expect(await cli.output("logs", id, "--stream", "stderr")).toBe("bad\n");
    expect(await cli.blanket("logs", "-f", id)).toEqual({ code: 0, out: "no end\n", err: "bad\n" });
    expect((await cli.blanket("logs", id, "--stream", "all")).code).toBe(2);
  });
});

describe("worker", () => {
  const attached = async () =>
    (JSON.parse(await cli.output("ls", "workers", "--json")) as readonly ShownWorker[]).filter(
      ({ kind }) => kind !== "node",
    );

  test("holds workers until it is ended", async () => {
    const started = cli.start(["worker", "-t", "unix,bash,python,python2,python27", "-n", "2"]);
    await eventually("it says so", () => started.out().includes("Ctrl-C ends them."));
    expect(started.out()).toMatch(/^2 workers on rabbit with unix bash python python2 python27: /);
    expect((await attached()).map(({ kind }) => kind)).toEqual(["attached", "attached"]);
    started.child.kill("SIGINT");
    expect(await started.ended).toMatchObject({ code: 0, err: "" });
    await eventually("they are gone", async () => (await attached()).length === 0);
  });

  test("leaves them there with -d, until they are removed", async () => {
    const id = (await cli.output("worker", "-t", "gpu", "-d", "-q")).trim();
    const task = await cli.submitted("bash_task", "--tags", "gpu");
    // The worker has exactly its own tags, and a bash_task needs more.
    expect((await node.task(task)).state).toBe("WAITING");
    expect(await cli.output("rm", "worker", id)).toContain(id);
    await eventually("it is gone", async () => (await attached()).length === 0);
    await cli.output("rm", task);
  });
});

describe("validate", () => {
  test("says what is right and what is wrong, with its place", async () => {
    const types = await tempDirectory();
    writeFileSync(join(types, "bad.toml"), 'executor = "bash"\ncomand = "true"\n');
    const other = await startTestNode({ args: ["--types", types, "--slots", "0"] });
    onTestFinished(() => other.dispose());
    expect(await cli.output("validate", "bash_task")).toBe("bash_task is valid\n");
    const ended = await cli.blanket("task-validate", "-u", other.url);
    expect(ended.code).toBe(1);
    expect(ended.out).toContain(`${types}/bad.toml:2`);
    expect(ended.out).toContain("did you mean command?");
    expect((await cli.blanket("validate", "none")).code).toBe(4);
  });
});
