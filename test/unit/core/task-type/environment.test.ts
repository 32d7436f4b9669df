/**
 * Goal: an environment is either exactly what a process will see, or refused with the name and what
 * to do; nothing that a type asks for goes missing silently.
 * Method: values as JSON bodies have them, and small types.
 */
import { describe, expect, it } from "vitest";

import { limits } from "../../../../src/core/limits.ts";
import {
  checkSubmission,
  environmentError,
  mergedEnvironment,
  readEnvironment,
  typeEnvironment,
} from "../../../../src/core/task-type/environment.ts";
import type { TaskType, Variable } from "../../../../src/core/task-type/task-type.ts";
import { parseTemplate } from "../../../../src/core/task-type/template.ts";
import { noRetry } from "../../../../src/core/task/spec.ts";

function typeOf(command: string, variables: readonly Variable[] = []): TaskType {
  const reading = parseTemplate(command, "bash");
  if (reading.kind === "problems") throw new Error(reading.problems[0]?.message);
  return {
    name: "render",
    command: reading.template,
    executor: "bash",
    timeoutMs: 0,
    killGraceMs: 0,
    tags: [],
    priority: 0,
    description: "",
    documentation: "",
    variables,
    filesToInclude: [],
    onLost: "hold",
    retry: noRetry,
  };
}

const required: Variable = { name: "SCENE", kind: "string", presence: "required" };
const withDefault: Variable = { name: "SIZE", kind: "integer", presence: "default", value: "5" };
const optional: Variable = { name: "RATIO", kind: "number", presence: "optional" };

describe("readEnvironment", () => {
  it("keeps scalars as strings", () => {
    const given: unknown = JSON.parse(
      '{"a":"x","B":5,"c_1":true,"_d":null,"e":1.5,"f":-0,"g":1e3,"h":"","i":"é\\n","j":1e-7}',
    );
    const strings = { a: "x", B: "5", c_1: "true", _d: "", e: "1.5", f: "0", g: "1000", h: "" };
    expect(readEnvironment(given)).toEqual({
      kind: "environment",
      environment: { ...strings, i: "é\n", j: "1e-7" },
    });
  });

  it("takes none as the empty one", () => {
    for (const given of [undefined, null, {}]) {
      expect(readEnvironment(given)).toEqual({ kind: "environment", environment: {} });
    }
  });

  it.each([[[]], ["A=1"], [5], [true]])("refuses %j as a whole", (given) => {
    expect(readEnvironment(given)).toMatchObject({
      kind: "problems",
      problems: [{ code: "ENVIRONMENT_INVALID" }],
    });
  });

  it.each([
    [{ A: { b: 1 } }, "environment.A is an object"],
    [{ A: [1] }, "environment.A is a list"],
    [{ A: "a\0b" }, "environment.A holds a NUL byte"],
    [{ "A-B": 1 }, 'environment."A-B" is no name for a variable'],
    [{ "1A": 1 }, 'environment."1A" is no name'],
    [{ "": 1 }, 'environment."" is no name'],
    [{ "A=B": 1 }, "is no name"],
    [{ "A\0": 1 }, "is no name"],
    [{ "A\n": 1 }, "is no name"],
    [{ É: 1 }, "is no name"],
    [{ A: 2 ** 53 }, "environment.A is a number that JSON does not keep exactly"],
    [{ A: 1e21 }, "put it in quotes"],
    [{ A: Number.NaN }, "put it in quotes"],
  ])("refuses %j with its path", (given, sentence) => {
    const reading = readEnvironment(given);
    expect(reading.kind === "problems" && reading.problems[0]?.message).toContain(sentence);
  });

  it("tells all that is wrong at once", () => {
    const reading = readEnvironment({ A: [], B: {}, C: 1 });
    expect(reading).toMatchObject({ problems: [{ name: "A" }, { name: "B" }] });
  });

  it("keeps names that JavaScript has a use for, but for one that records can't keep", () => {
    const reading = readEnvironment({ constructor: 1, toString: "mine" });
    const environment = reading.kind === "environment" ? reading.environment : {};
    expect(Object.entries(environment)).toEqual([
      ["constructor", "1"],
      ["toString", "mine"],
    ]);
    expect(Object.hasOwn(mergedEnvironment(typeOf("x"), environment), "constructor")).toBe(true);
    expect(readEnvironment(JSON.parse('{"__proto__": "mine"}'))).toMatchObject({
      problems: [{ name: "__proto__" }],
    });
  });
});

describe("mergedEnvironment", () => {
  const type = typeOf("x", [withDefault, required]);

  it("adds the type's defaults, and the task's own values win", () => {
    expect(mergedEnvironment(type, { A: "1" })).toEqual({ SIZE: "5", A: "1" });
    expect(mergedEnvironment(type, { SIZE: "" })).toEqual({ SIZE: "" });
  });

  it("tells apart what the type added", () => {
    expect(typeEnvironment(type, { A: "1" })).toEqual({ SIZE: "5" });
    expect(typeEnvironment(type, { SIZE: "7" })).toEqual({});
  });
});

describe("checkSubmission", () => {
  it("accepts what is complete, with any variables besides", () => {
    const type = typeOf("echo {{.SCENE}} {{.SIZE}} {{.OTHER}}", [required, withDefault, optional]);
    expect(checkSubmission(type, { SCENE: "", OTHER: "x", MORE: "y" })).toEqual([]);
  });

  it("names a missing required variable, its meaning, and a likely typing error", () => {
    const described = { ...required, description: "The file to render." };
    expect(checkSubmission(typeOf("x {{.SCENE}}", [described]), { SCEN: "a" })).toEqual([
      {
        code: "VARIABLE_MISSING",
        name: "SCENE",
        message:
          "render needs the variable SCENE (The file to render): give it in the environment (is SCEN a typing error?).",
      },
    ]);
    expect(checkSubmission(typeOf("x", [required]), {})[0]?.message).toContain(
      "give it in the environment",
    );
  });

  it("names what the command uses and nobody defines, optional variables included", () => {
    const type = typeOf("x {{.NAME}} {{.RATIO | raw}}", [optional]);
    const problems = checkSubmission(type, {});
    expect(problems.map(({ code, name }) => [code, name])).toEqual([
      ["VARIABLE_MISSING", "NAME"],
      ["VARIABLE_MISSING", "RATIO"],
    ]);
  });

  it("names inherited properties of objects as missing too", () => {
    expect(checkSubmission(typeOf("x {{.toString}}"), {})).toHaveLength(1);
  });

  it.each([
    ["integer", ["5", "-5", "+5", "007"], ["", "5.0", "five", "5 ", "0x5", "1e3", "a[$(x)]"]],
    ["number", ["5", "-5.5", ".5", "5.", "1e3"], ["", "five", "1,5", "NaN", "Infinity", "0x5"]],
    ["boolean", ["true", "false"], ["", "yes", "1", "True"]],
    ["string", ["", "x"], []],
  ] as const)("holds values against the kind %s", (kind, good, bad) => {
    const type = typeOf("x", [{ name: "V", kind, presence: "optional" }]);
    for (const value of good) expect(checkSubmission(type, { V: value }), value).toEqual([]);
    for (const value of bad) {
      expect(checkSubmission(type, { V: value }), value).toMatchObject([
        { code: "ENVIRONMENT_INVALID", name: "V" },
      ]);
    }
  });

  it("refuses a variable that the system would not start a process with", () => {
    const room = limits.commandBytesMax - "A=".length;
    expect(checkSubmission(typeOf("x"), { A: "x".repeat(room) })).toEqual([]);
    expect(checkSubmission(typeOf("x"), { A: "x".repeat(room + 1) })).toHaveLength(1);
    expect(checkSubmission(typeOf("x"), { A: "é".repeat(room) })).toHaveLength(1);
  });

  it("refuses a command that its values make too long", () => {
    const type = typeOf("echo {{.A}} {{.A}} {{.A}}");
    expect(checkSubmission(type, { A: "'".repeat(20_000) })[0]?.message).toContain("command");
  });
});

describe("environmentError", () => {
  it("carries the code of the first problem and all sentences", () => {
    const error = environmentError(checkSubmission(typeOf("{{.A}} {{.B}}"), {}));
    expect(error.code).toBe("VARIABLE_MISSING");
    expect(error.message).toContain("{{.A}}");
    expect(error.message).toContain("{{.B}}");
  });
});
