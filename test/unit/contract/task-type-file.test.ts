/**
 * Goal: a type file says what it means or is refused with the key and what to do; nothing in it is
 * ever ignored.
 * Method: documents as the TOML parser gives them.
 */
import { describe, expect, it } from "vitest";

import { parseTaskType } from "../../../src/contract/task-type-file.ts";
import type { TaskType, TypeProblem } from "../../../src/core/task-type/task-type.ts";

function typeOf(document: object): TaskType {
  const reading = parseTaskType("render", { command: "true", ...document });
  if (reading.kind === "problems") throw new Error(reading.problems[0]?.message);
  return reading.type;
}

function problemsOf(document: unknown): readonly TypeProblem[] {
  const reading = parseTaskType("render", document);
  return reading.kind === "problems" ? reading.problems : [];
}

/** The problems of a document that is right but for these keys, as `key: message`. */
function problemsWith(document: object): readonly string[] {
  return problemsOf({ command: "true", ...document }).map(
    ({ key, message }) => `${key}: ${message}`,
  );
}

describe("parseTaskType", () => {
  it("fills in what a type does not say", () => {
    expect(typeOf({})).toEqual({
      name: "render",
      command: { source: "true", parts: [{ kind: "text", text: "true" }] },
      executor: "bash",
      timeoutMs: 3_600_000,
      killGraceMs: 10_000,
      tags: [],
      priority: 0,
      description: "",
      documentation: "",
      variables: [],
      filesToInclude: [],
      onLost: "hold",
      retry: {
        attempts: 1,
        backoff: "exponential",
        delayMs: 1_000,
        delayMsMax: 300_000,
        jitterPercent: 10,
      },
    });
  });

  it("reads every key", () => {
    const type = typeOf({
      executor: "/bin/sh",
      timeout: "1h30m",
      kill_grace: 2.5,
      tags: ["unix", "gpu", "unix"],
      priority: -3,
      description: "Renders",
      documentation: "Long\ntext",
      environment: {
        default: [{ name: "SIZE", value: 5, type: "integer", description: "Pixels" }],
        required: [{ name: "SCENE" }],
        optional: [{ name: "FAST", type: "boolean" }],
      },
      files_to_include: [["data/*.csv"], ["lib", "code"]],
      on_lost: "rerun",
      retry: {
        attempts: 4,
        backoff: "linear",
        delay: "10s",
        max_delay: 60,
        jitter: 0,
        on_exit: [75, 1, 75],
      },
    });
    expect(type).toMatchObject({
      executor: "/bin/sh",
      timeoutMs: 5_400_000,
      killGraceMs: 2_500,
      tags: ["gpu", "unix"],
      priority: -3,
      description: "Renders",
      documentation: "Long\ntext",
      variables: [
        {
          name: "SIZE",
          value: "5",
          kind: "integer",
          presence: "default",
          description: "Pixels",
        },
        { name: "SCENE", kind: "string", presence: "required" },
        { name: "FAST", kind: "boolean", presence: "optional" },
      ],
      filesToInclude: [
        ["data/*.csv", "."],
        ["lib", "code"],
      ],
      onLost: "rerun",
      retry: {
        attempts: 4,
        backoff: "linear",
        delayMs: 10_000,
        delayMsMax: 60_000,
        jitterPercent: 0,
        onExit: [1, 75],
      },
    });
  });

  it("takes 0 as no timeout, and a long delay as its own maximum", () => {
    expect(typeOf({ timeout: 0 }).timeoutMs).toBe(0);
    expect(typeOf({ retry: { delay: "1h" } }).retry.delayMsMax).toBe(3_600_000);
  });

  it.each([
    ["true", "true"],
    [5, "5"],
    [false, "false"],
    [1.5, "1.5"],
    ["", ""],
  ])("keeps the default %j as a text", (value, text) => {
    const type = typeOf({ environment: { default: [{ name: "A", value }] } });
    expect(type.variables[0]?.value).toBe(text);
  });

  it("wants a command, and only one that can run", () => {
    expect(problemsOf({})).toEqual([{ key: "command", message: "command is missing: add it." }]);
    expect(problemsOf({ command: "" })[0]?.message).toBe("command must not be empty.");
    expect(problemsOf({ command: " \n" })[0]?.message).toContain("command is blank");
    expect(problemsOf({ command: 5 })[0]?.message).toBe("command must be a text.");
    expect(problemsOf({ command: "é".repeat(70_000) })[0]?.message).toContain("files_to_include");
    expect(problemsOf([])).toEqual([{ message: "the file must be a table." }]);
  });

  it("gives the place inside the command", () => {
    expect(problemsOf({ command: 'echo\n  "{{.A}}"' })).toEqual([
      { key: "command", line: 2, column: 4, message: expect.stringContaining("double quotes") },
    ]);
    expect(problemsOf({ command: "{{.A}}", executor: "python3" })[0]?.key).toBe("command");
    expect(problemsOf({ command: "{{.BLANKET_TASK_ID}}" })[0]?.message).toContain(
      "write $BLANKET_TASK_ID",
    );
  });

  it.each([
    [{ comand: "x" }, "comand: comand is not a key: did you mean command?"],
    [{ zzz: 1 }, "zzz: zzz is not a key: remove it, or use one of command, executor"],
    [
      { retry: { atempts: 2 } },
      "retry.atempts: atempts is not a key of retry: did you mean attempts?",
    ],
    [
      { environment: { defaults: [] } },
      "environment.defaults: defaults is not a key of environment: did you mean default?",
    ],
    [
      { environment: { required: [{ name: "A", value: "x" }] } },
      "environment.required[0].value: only a variable of environment.default has a value",
    ],
    [
      { environment: { default: [{ name: "A", value: 1, desc: "x" }] } },
      "environment.default[0].desc: desc is not a key of environment.default[0]",
    ],
    [{ "a/b~c": 1 }, "a/b~c: a/b~c is not a key"],
    [{ __proto__x: 1, constructor: 1 }, "constructor is not a key"],
  ])("refuses the unknown key of %j", (document, start) => {
    expect(problemsWith(document).join("\n")).toContain(start);
  });

  it.each([
    "resources",
    "concurrency",
    "notify",
    "retention",
    "checkpoint",
    "cleanup",
    "container",
  ])("says that %s is for a later version", (key) => {
    expect(problemsWith({ [key]: {} })).toEqual([
      `${key}: ${key} is not supported by this version yet: remove it, the task would run without what it asks for.`,
    ]);
  });

  it.each([
    [{ timeout: true }, "timeout: timeout is not a duration: write seconds"],
    [{ timeout: "soon" }, "timeout: timeout is not a duration"],
    [{ timeout: -1 }, "timeout: timeout is not a duration"],
    [{ kill_grace: "10 parsecs" }, "kill_grace: kill_grace is not a duration"],
    [{ retry: { delay: "x" } }, "retry.delay: retry.delay is not a duration"],
    [{ retry: { delay: 9, max_delay: 5 } }, "retry.max_delay: retry.max_delay is shorter than"],
    [{ retry: { attempts: 0 } }, "retry.attempts: retry.attempts must be at least 1."],
    [{ retry: { attempts: 1001 } }, "retry.attempts: retry.attempts must be at most 1000."],
    [{ retry: { attempts: 1.5 } }, "retry.attempts: retry.attempts must be a whole number."],
    [{ retry: { backoff: "x" } }, "must be one of constant, linear, exponential."],
    [{ retry: { jitter: 0.1 } }, "retry.jitter: retry.jitter is per cent"],
    [{ retry: { on_exit: [0] } }, "retry.on_exit[0]: retry.on_exit must be a list of exit codes"],
    [{ retry: { on_exit: [] } }, "retry.on_exit: retry.on_exit must be a list"],
    [{ retry: 3 }, "retry: retry must be a table: begin it with [retry]."],
    [{ on_lost: "ignore" }, "on_lost: on_lost must be one of hold, rerun, skip."],
    [{ priority: "high" }, "priority: priority must be a whole number."],
    [{ priority: 1.5 }, "priority: priority must be a whole number."],
    [{ tags: "unix" }, "tags: tags must be a list of texts"],
    [{ tags: ["a b"] }, "tags[0]: tags must be a list of texts"],
    [{ tags: ["a,b"] }, "tags[0]: tags must be a list of texts"],
    [{ tags: [5] }, "tags[0]: tags must be a list of texts"],
    [{ tags: ["x".repeat(129)] }, "tags: a tag takes at most 128 bytes"],
    [{ executor: "bash -e" }, "executor: executor is one program without arguments"],
    [{ executor: "slurm" }, "executor: executor slurm is not supported by this version yet"],
    [{ executor: "" }, "executor: executor must not be empty."],
    [{ description: 5 }, "description: description must be a text."],
    [{ environment: [] }, "environment: environment must be a table"],
    [{ environment: { default: {} } }, "begin each variable with [[environment.default]]."],
    [{ environment: { default: [{ name: "A" }] } }, "environment.default[0].value is missing"],
    [{ environment: { default: [{ name: "A", value: [] }] } }, "a variable's value must be a text"],
    [{ environment: { required: [{}] } }, "environment.required[0].name is missing: add it."],
    [{ environment: { required: [{ name: "A-B" }] } }, '"A-B" is no name for a variable'],
    [{ environment: { optional: [{ name: "A", type: "int" }] } }, "must be one of string, integer"],
    [
      { environment: { default: [{ name: "A", value: "x", type: "integer" }] } },
      'environment.default[0].value: environment.default[0].value must be a whole number, and is "x".',
    ],
    [
      { environment: { default: [{ name: "A", value: "a\0" }] } },
      "environment.default[0].value holds a NUL byte",
    ],
    [
      { environment: { default: [{ name: "A", value: 1 }], optional: [{ name: "A" }] } },
      "environment.optional[0].name: A is declared twice: keep one.",
    ],
    [{ files_to_include: ["x"] }, "files_to_include[0]: files_to_include must be a list of pairs"],
    [{ files_to_include: [["a", "b", "c"]] }, "files_to_include must be a list of pairs"],
    [{ files_to_include: [["/etc/*"]] }, "must be relative to the file and stay below it."],
    [{ files_to_include: [["../x"]] }, "must be relative to the file and stay below it."],
    [{ files_to_include: [["x", "../y"]] }, "must stay inside the task's directory."],
    [{ files_to_include: [["x", "/y"]] }, "must stay inside the task's directory."],
  ])("refuses %j", (document, start) => {
    expect(problemsWith(document).join("\n")).toContain(start);
  });

  it("tells several problems at once", () => {
    expect(problemsWith({ timeout: "x", priority: 2, tags: ["x".repeat(200)] })).toHaveLength(2);
    expect(problemsWith({ timeout: true, priority: "x", on_lost: 1 })).toHaveLength(3);
  });
});
