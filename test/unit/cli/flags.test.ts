/**
 * Goal: what is typed means the same everywhere, and what can't be meant is refused by its name.
 * Method: readers of flags and words, one by one.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { readConnection } from "../../../src/cli/connection.ts";
import { parseFlags } from "../../../src/cli/fast/parse-flags.ts";
import { readFilter } from "../../../src/cli/filter.ts";
import { psFlags } from "../../../src/cli/flag-table.ts";
import { readStart, readUpload, readVariables, shellLine } from "../../../src/cli/new-task.ts";
import { readPsWish } from "../../../src/cli/ps/ps.ts";

describe("where a node is", () => {
  test("flags beat the environment, which beats the default", () => {
    const environment = { BLANKET_URL: "http://otter:1", BLANKET_TOKEN: "t" };
    expect(readConnection({}, {})).toEqual({ url: "http://127.0.0.1:8773", token: undefined });
    expect(readConnection({}, { BLANKET_URL: "", BLANKET_TOKEN: "" }).token).toBeUndefined();
    expect(readConnection({}, environment)).toEqual({ url: "http://otter:1", token: "t" });
    expect(readConnection({ port: "9", token: "u" }, environment)).toEqual({
      url: "http://127.0.0.1:9",
      token: "u",
    });
    expect(readConnection({ url: "rabbit:2" }, environment).url).toBe("rabbit:2");
  });

  test.each([
    [{ url: "a", port: "1" }, "--url and --port both name a node; give one."],
    [{ port: "0" }, '--port is "0"; write a whole number from 1 to 65535.'],
    [{ port: "80a" }, '--port is "80a"; write a whole number from 1 to 65535.'],
  ])("%j is refused", (flags, sentence) => {
    expect(() => readConnection(flags, {})).toThrow(sentence);
  });
});

describe("which tasks", () => {
  test("states in any case, lists with spaces", () => {
    expect(
      readFilter({ states: "running, ERROR", types: "a,b,", maxTags: "", limit: "7" }),
    ).toEqual({
      states: ["RUNNING", "ERROR"],
      types: ["a", "b"],
      requiredTags: undefined,
      maxTags: [],
      limit: 7,
    });
  });

  test.each([
    [{ states: "RUNNIN" }, '--states is "RUNNIN"; did you mean RUNNING?'],
    [{ states: "what" }, "states are SCHEDULED, BLOCKED"],
    [{ limit: "0" }, '--limit is "0"; write a whole number from 1 to 10000.'],
  ])("%j is refused", (flags, sentence) => {
    expect(() => readFilter(flags)).toThrow(sentence);
  });

  test("one form of output at a time", () => {
    expect(() => readPsWish({ json: true, quiet: true })).toThrow("exclude each other");
  });
});

describe("the fast reader of flags", () => {
  const read = (...argv: string[]) => parseFlags(psFlags, argv);

  test("takes the plain forms", () => {
    expect(read()).toEqual({});
    expect(read("-qa", "-l", "5", "-sERROR", "--types=a=b", "--requiredTags", "x")).toEqual({
      quiet: true,
      all: true,
      limit: "5",
      states: "ERROR",
      types: "a=b",
      requiredTags: "x",
    });
    expect(read("-ql5", "--json", "--json")).toEqual({ quiet: true, limit: "5", json: true });
  });

  test.each([
    [["extra"]],
    [["--"]],
    [["-"]],
    [["--no-json"]],
    [["--help"]],
    [["-h"]],
    [["--json=true"]],
    [["--limit"]],
    [["--limit="]],
    [["-l", "-5"]],
    [["-l=5"]],
    [["-l", "1", "-l", "2"]],
    [["--constructor", "x"]],
  ])("leaves %j to oclif", (argv) => {
    expect(read(...argv)).toBeUndefined();
  });
});

describe("variables", () => {
  test("come as NAME=VALUE, from here, or as JSON, and later ones win", () => {
    expect(
      readVariables(["A=1", "B=x=y", "HERE", '{"C": 5, "A": true}', "D="], { HERE: "h" }),
    ).toEqual({ A: true, B: "x=y", HERE: "h", C: 5, D: "" });
  });

  test.each([
    ["NOT_HERE", '-e is "NOT_HERE"; write NAME=VALUE, or the name of a variable that is set here.'],
    ["=x", '-e is "=x"; write NAME=VALUE.'],
    ["{not json", "-e begins like JSON and is none"],
  ])("%s is refused", (word, sentence) => {
    expect(() => readVariables([word], {})).toThrow(sentence);
  });
});

describe("uploads", () => {
  test("a path goes to the root of the task's directory unless a place is named", () => {
    expect(readUpload("data/in.csv")).toEqual({ path: "data/in.csv", destination: "in.csv" });
    expect(readUpload("in.csv:deep/er.csv")).toEqual({
      path: "in.csv",
      destination: "deep/er.csv",
    });
    expect(() => readUpload("in.csv:")).toThrow('-f is "in.csv:"');
    expect(() => readUpload("")).toThrow("-f is");
  });

  test("a colon in the name of a file that is there is part of it", () => {
    const directory = mkdtempSync(join(tmpdir(), "blanket-upload-"));
    try {
      const path = join(directory, "12:30");
      writeFileSync(path, "");
      expect(readUpload(path)).toEqual({ path, destination: "12:30" });
      expect(readUpload(`${path}:b`)).toEqual({ path, destination: "b" });
    } finally {
      rmSync(directory, { recursive: true });
    }
  });
});

describe("the start of a task", () => {
  const now = Date.parse("2026-11-24T10:00:00.000Z");

  test("is a delay or a time", () => {
    expect(readStart(undefined, undefined, now)).toBeUndefined();
    expect(readStart("1h30m", undefined, now)).toBe("2026-11-24T11:30:00.000Z");
    expect(readStart(undefined, "2026-11-24T12:00+02:00", now)).toBe("2026-11-24T10:00:00.000Z");
  });

  test.each([
    ["1h", "2026-11-24T12:00Z", "--in and --at both say when; give one."],
    ["soon", undefined, '--in is "soon"; write seconds'],
    [undefined, "tomorrow", '--at is "tomorrow"; write RFC 3339'],
  ])("%s %s is refused", (delay, at, sentence) => {
    expect(() => readStart(delay, at, now)).toThrow(sentence);
  });
});

describe("a command as one line", () => {
  test("one word is a line already", () => {
    expect(shellLine(["cd ~ && ls"])).toBe("cd ~ && ls");
    expect(shellLine(["echo", "it's", "a b", "plain-1"])).toBe("echo 'it'\\''s' 'a b' plain-1");
  });

  test("a shell reads the same words again", () => {
    const word = fc
      .string({ unit: "grapheme", maxLength: 12 })
      .filter((text) => !text.includes("\0"));
    fc.assert(
      fc.property(fc.array(word, { minLength: 1, maxLength: 4 }), (words) => {
        const line = shellLine(["printf", "%s\\0", ...words]);
        const { stdout } = spawnSync("sh", ["-c", line], { encoding: "utf8" });
        expect(stdout.split("\0").slice(0, -1)).toEqual(words);
      }),
      { numRuns: 40 },
    );
  });
});
