/**
 * Goal: every task type in task-types/ is valid and does what it says, as it is shipped.
 * Method: each is read as a node reads it and run by its real executor in a directory of its own,
 * with nothing in its environment but what the type gives and a node would.
 */
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";

import { afterAll, describe, expect, it } from "vitest";

import { createTomlTypes } from "../../src/adapters/types-toml/types-toml.ts";
import { argvOf } from "../../src/core/task-type/argv.ts";
import { checkSubmission, mergedEnvironment } from "../../src/core/task-type/environment.ts";
import { renderTemplate } from "../../src/core/task-type/template.ts";
import { createManualClock } from "../doubles/manual-clock.ts";
import { createSilentLog } from "../doubles/silent-log.ts";

const shipped = fileURLToPath(new URL("../../task-types", import.meta.url));
const log = createSilentLog();
const types = createTomlTypes({ clock: createManualClock(), log }, { directories: [shipped] });
const root = mkdtempSync(join(tmpdir(), "blanket-shipped-"));

afterAll(() => {
  rmSync(root, { recursive: true, force: true });
});

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

let runs = 0;

function directory(): string {
  runs += 1;
  const path = join(root, String(runs));
  mkdirSync(path);
  return path;
}

function run(
  name: string,
  environment: Readonly<Record<string, string>> = {},
  cwd = directory(),
  node: Readonly<Record<string, string>> = {},
): Promise<Ended> {
  const type = types.lookup(name)?.type;
  if (type === undefined) throw new Error(`${name} does not load`);
  expect(checkSubmission(type, environment)).toEqual([]);
  const merged = mergedEnvironment(type, environment);
  const [program = "", ...args] = argvOf(type.executor, renderTemplate(type.command, merged));
  const base = { PATH: process.env["PATH"] ?? "", HOME: cwd, ...node };
  const child = spawn(program, args, {
    cwd,
    env: { ...base, ...merged },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let stdout = "";
  let stderr = "";
  child.stdout.on("data", (chunk: Buffer) => (stdout += chunk.toString("utf8")));
  child.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString("utf8")));
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, stdout, stderr }));
  });
}

describe("the shipped task types", () => {
  it("are valid, described and documented", () => {
    const entries = types.all();
    expect(entries.map(({ name }) => name)).toEqual(
      expect.arrayContaining([
        "bash_task",
        "echo_task",
        "flaky_task",
        "python_hello",
        "sleep_task",
      ]),
    );
    expect(entries.flatMap(({ problems }) => problems)).toEqual([]);
    expect(entries.every(({ type }) => type?.description && type.documentation)).toBe(true);
    expect(log.entries).toEqual([]);
  });

  it.each(types.all().map(({ name }) => name))("run without any variables: %s", async (name) => {
    const { code, stdout, stderr } = await run(name);
    expect([0, ...(types.lookup(name)?.type?.retry.onExit ?? [])], stderr).toContain(code);
    expect(stdout + stderr).not.toBe("");
  });
});

describe("bash_task", () => {
  it("shows its environment by default, and never the task's token", async () => {
    const given = { PANDAS: "four", Frogs: "5", CATS: "2" };
    const { stdout } = await run("bash_task", given, undefined, { BLANKET_TASK_TOKEN: "hidden" });
    expect(stdout.split("\n")).toEqual(
      expect.arrayContaining(["PANDAS=four", "Frogs=5", "CATS=2"]),
    );
    expect(stdout).not.toContain("hidden");
  });

  it("runs the command that it is given, with its variables and exit code", async () => {
    const command = 'cd ~ && echo "in $(pwd): $A"; exit 3';
    const { code, stdout } = await run("bash_task", { DEFAULT_COMMAND: command, A: "it's $HOME" });
    expect(stdout).toMatch(/^in \/.*: it's \$HOME\n$/);
    expect(code).toBe(3);
  });
});

describe("echo_task", () => {
  it("prints any message and executes none", async () => {
    const message = 'it\'s "$(touch owned)" `touch owned`\n; touch owned \\';
    const { stdout } = await run("echo_task", { MESSAGE: message });
    expect(stdout).toBe(`${message}\n`);
  });
});

describe("python_hello", () => {
  it("greets, names its variables and prints what was uploaded, but not its logs", async () => {
    const cwd = directory();
    writeFileSync(join(cwd, "blanket.json"), '{"wool": "é"}');
    writeFileSync(join(cwd, "blanket.stdout.log"), "own log");
    const { code, stdout, stderr } = await run("python_hello", { frogs: "5", NAME: "otter" }, cwd);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toContain("Hello, otter, from Python ");
    expect(stdout).toMatch(/My environment: .*frogs/);
    expect(stdout).toContain('My file blanket.json:\n{"wool": "é"}');
    expect(stdout).not.toContain("own log");
  });

  it.each(["python", "python3"])("runs where only %s is there", async (program) => {
    const bin = directory();
    const script = join(bin, program);
    writeFileSync(script, `#!/bin/sh\necho "${program} runs"\n`, { mode: 0o755 });
    symlinkSync(await whereIs("sh"), join(bin, "sh"));
    const { code, stdout } = await run("python_hello", {}, undefined, { PATH: bin });
    expect({ code, stdout }).toEqual({ code: 0, stdout: `${program} runs\n` });
  });

  it("says what is missing where there is no Python", async () => {
    const bin = directory();
    symlinkSync(await whereIs("sh"), join(bin, "sh"));
    const { code, stderr } = await run("python_hello", {}, undefined, { PATH: bin });
    expect(code).toBe(127);
    expect(stderr).toContain("Neither python3 nor python is on PATH");
  });
});

describe("sleep_task", () => {
  it("leaves its latest progress in the file", async () => {
    const cwd = directory();
    const file = join(cwd, "progress");
    const node = { BLANKET_PROGRESS_FILE: file };
    const { code, stdout } = await run("sleep_task", { SECONDS_TO_SLEEP: "1" }, cwd, node);
    expect(code).toBe(0);
    expect(stdout).toBe("0 % 1 s left\n100 % slept 1 s\n");
    expect(readFileSync(file, "utf8")).toBe("100 slept 1 s\n");
  });

  it("takes 0 and numbers that look octal, and no others", async () => {
    expect((await run("sleep_task", { SECONDS_TO_SLEEP: "00" })).stdout).toBe("100 % slept 0 s\n");
    expect((await run("sleep_task", { SECONDS_TO_SLEEP: "-08" })).code).toBe(2);
  });
});

describe("flaky_task", () => {
  it("fails always, never, and with the code that is tried again", async () => {
    const never = await run("flaky_task", { FAIL_PERCENT: "0" });
    const always = await run("flaky_task", { FAIL_PERCENT: "100" }, undefined, {
      BLANKET_ATTEMPT: "3",
    });
    expect(never).toMatchObject({ code: 0, stdout: "attempt 1 succeeded\n" });
    expect(always).toMatchObject({ code: 75, stderr: "attempt 3 failed\n" });
    expect(types.lookup("flaky_task")?.type?.retry).toMatchObject({ attempts: 5, onExit: [75] });
  });
});

async function whereIs(program: string): Promise<string> {
  const { access } = await import("node:fs/promises");
  for (const part of (process.env["PATH"] ?? "").split(delimiter)) {
    const path = join(part, program);
    if (
      await access(path).then(
        () => true,
        () => false,
      )
    )
      return path;
  }
  throw new Error(`${program} is not on PATH`);
}
