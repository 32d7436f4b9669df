/**
 * Goal: a task type file that can't be used is told with its place, hides no other, and a file that
 * is edited, broken or deleted between submit and start decides what becomes of the task.
 * Method: one node without slots of its own and a directory of good and bad files; tasks wait for a
 * tag until the test has changed their type's file and adds a worker with that tag.
 */
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import type { ShownTaskType } from "../../src/core/task-type/shown-type.ts";
import type { ShownTask } from "../../src/core/task/shown-task.ts";
import { createCli, type Cli } from "../support/cli.ts";
import { eventually } from "../support/eventually.ts";
import { startTestNode, type TestNode } from "../support/node.ts";
import { expectFailed, expectRefused } from "../support/refusal.ts";

interface BadFile {
  readonly name: string;
  readonly text: string;
  /** What follows the file's path. */
  readonly says: string;
}

const badFiles: readonly BadFile[] = [
  {
    name: "unparsed",
    text: "command = 'true'\ntags = [\"a\"\ntimeout = 3\n",
    says: ":3:1: it is not valid TOML: expected comma or end of structure.",
  },
  {
    name: "commandless",
    text: 'description = "nothing to run"\n',
    says: ": command is missing: add it.",
  },
  {
    name: "empty",
    text: "",
    says: ": command is missing: add it.",
  },
  {
    name: "mistyped",
    text: "command = 'true'\ntimeouts = 5\n",
    says: ":2:1: timeouts is not a key: did you mean timeout?",
  },
  {
    name: "wrong-kind",
    text: "command = 'true'\ntimeout = \"soon\"\n",
    says: ":2:1: timeout is not a duration: write seconds, or",
  },
  {
    name: "two-command",
    text: "command = 'true'\ncommand = 'false'\n",
    says: ":2:1: it is not valid TOML:",
  },
  {
    name: "quoted",
    text: "command = '''echo \"{{.NAME}}\"'''\n",
    says: ":1:",
  },
];

let node: TestNode;
let cli: Cli;
let types: string;

beforeAll(async () => {
  types = mkdtempSync(join(tmpdir(), "blanket-types-"));
  for (const { name, text } of badFiles) writeType(name, text);
  writeType("fine", "command = 'echo fine'\n");
  mkdirSync(join(types, "directory.toml"));
  symlinkSync("/nonexistent", join(types, "dangling.toml"));
  writeType("huge", "");
  truncateSync(join(types, "huge.toml"), 300 * 1_024);
  node = await startTestNode({ args: ["--types", types, "--slots", "0"] });
  cli = createCli(node.url);
});

afterAll(async () => {
  await node.dispose();
  rmSync(types, { recursive: true, force: true });
});

/** Gives the digest of what was written. */
function writeType(name: string, text: string): string {
  writeFileSync(join(types, `${name}.toml`), text);
  return createHash("sha256").update(text).digest("hex");
}

describe("a bad task type file", () => {
  it.each(badFiles)("$name is refused at submit with its place", async ({ name, says }) => {
    const sentence = `the task type ${name} does not load; mend ${join(types, name)}.toml${says}`;
    await expectRefused(await node.request("POST", "/task/", { type: name }), {
      status: 422,
      code: "TYPE_INVALID",
      says: sentence,
    });
    expectFailed(await cli.blanket("submit", name), 2, sentence);
    expect(await (await node.request("GET", "/task/?count=true")).text()).toBe("0");
  });

  it("is shown by every list, and hides no other", async () => {
    const shown = (await (await node.request("GET", "/task_type/")).json()) as ShownTaskType[];
    const names = (valid: boolean) =>
      shown.filter((type) => type.valid === valid).map(({ name }) => name);
    const bad = [...badFiles.map(({ name }) => name), "dangling", "directory", "huge"].toSorted();
    expect(names(false)).toEqual(bad);
    expect(names(true)).toEqual([
      "bash_task",
      "echo_task",
      "fine",
      "flaky_task",
      "python_hello",
      "sleep_task",
    ]);
    const list = await cli.output("ls", "types");
    for (const name of bad) expect(list).toMatch(new RegExp(`^${name} +no `, "m"));
    expect(list).toMatch(/^fine +yes /m);
    const validated = await cli.blanket("validate");
    expect(validated).toMatchObject({ code: 1, err: "" });
    for (const { name, says } of badFiles) {
      expect(validated.out).toContain(`${join(types, name)}.toml${says}`);
      expect(node.output()).toContain(`the task type ${name} cannot be used: `);
    }
    expect(validated.out).toContain("fine is valid\n");
    expect(node.output()).toContain(`broken ${bad.slice(0, 3).join(", ")}`);
  });

  it("is one that is not there where its name is none", async () => {
    await expectRefused(await node.request("POST", "/task/", { type: "not a name" }), {
      status: 422,
      code: "TYPE_UNKNOWN",
      says: "there is no task type not a name",
    });
    expectFailed(await cli.blanket("validate", "nothing"), 4, "there is no task type nothing");
  });

  it("is read again once it is mended", async () => {
    writeType("mended", "comand = 'true'\n");
    expect((await node.request("POST", "/task/", { type: "mended" })).status).toBe(422);
    writeType("mended", "command = 'true'\n");
    const { id } = await node.submit({ type: "mended", tags: ["nobody-has-this"] });
    expect((await node.request("DELETE", `/task/${id}`)).status).toBe(200);
    rmSync(join(types, "mended.toml"));
  });
});

describe("a type whose file changes between submit and start", () => {
  const original = "command = 'echo original'\n";

  it("runs as it is then, and that is what is told", async () => {
    writeType("edited", original);
    const task = await submitted("edited");
    const digest = writeType("edited", "command = 'echo edited'\ntimeout = 77\n");
    const ended = await runs(task, "SUCCESS");
    expect(ended).toMatchObject({ typeDigest: digest, timeout: 77 });
    expect(await logOf(ended)).toBe("edited\n");
  });

  it("waits where it was deleted, and runs once it is back", async () => {
    writeType("deleted", original);
    const task = await submitted("deleted");
    rmSync(join(types, "deleted.toml"));
    await addWorker("deleted");
    const waiting = await node.task(task.id);
    expect(waiting.state).toBe("WAITING");
    expect(waiting.reason).toMatch(/task type deleted/);
    expect(await cli.output("ps")).toContain(waiting.reason);
    writeType("deleted", original);
    expect(await logOf(await node.reaches(task.id, "SUCCESS"))).toBe("original\n");
  });

  it("waits where it was broken, and runs once it is mended", async () => {
    writeType("broken", original);
    const task = await submitted("broken");
    writeType("broken", "command = \n");
    await addWorker("broken");
    const waiting = await eventually("it says why it waits", async () => {
      const now = await node.task(task.id);
      return now.reason?.includes("does not load") === true && now;
    });
    expect(waiting).toMatchObject({
      state: "WAITING",
      reason: expect.stringContaining("blanket validate broken") as string,
    });
    writeType("broken", original);
    expect(await logOf(await node.reaches(task.id, "SUCCESS"))).toBe("original\n");
  });

  it.each([
    ["requires", "[[environment.required]]\nname = 'SHAPE'\n", "echo $SHAPE"],
    ["names", "", "echo {{.SHAPE}}"],
  ])(
    "fails and says why where it %s a variable that the task lacks",
    async (verb, more, command) => {
      const type = `${verb}-more`;
      writeType(type, original);
      const task = await submitted(type);
      writeType(type, `command = '${command}'\n${more}`);
      const ended = await runs(task, "ERROR");
      expect(ended).toMatchObject({ exitCode: null, pid: 0 });
      expect(ended.reason).toMatch(/its task type was changed: .*SHAPE/);
      expectFailed(await cli.blanket("wait", task.id), 1, /its task type was changed: .*SHAPE/);
    },
  );

  it("fails and says why where a file that it includes is not there any more", async () => {
    writeFileSync(join(types, "part.txt"), "hello\n");
    writeType("parts", "command = 'cat part.txt'\nfiles_to_include = [['part.txt']]\n");
    const task = await submitted("parts");
    rmSync(join(types, "part.txt"));
    const ended = await runs(task, "ERROR");
    expect(ended.reason).toContain("files_to_include names part.txt, which is not in");
  });
});

/** A task that waits for a worker with its type's name as tag. */
function submitted(type: string): Promise<ShownTask> {
  return node.submit({ type, tags: [type] });
}

async function addWorker(tag: string): Promise<void> {
  const answer = await node.request("POST", "/worker/", { tags: [tag] });
  expect(answer.status).toBe(201);
}

async function runs({ id, type }: ShownTask, state: string): Promise<ShownTask> {
  await addWorker(type);
  const ended = await node.reaches(id, "SUCCESS", "ERROR", "LOST");
  expect(ended.state).toBe(state);
  return ended;
}

async function logOf({ id }: ShownTask): Promise<string> {
  return (await node.request("GET", `/task/${id}/log/tail`)).text();
}
