/**
 * Goal: task types are what their files say now; a file that is broken, odd, gone or replaced is
 * told with its place and harms no other.
 * Method: real files in a temporary directory, a clock that stands still, and a log that is read.
 */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { createTomlTypes } from "../../../../src/adapters/types-toml/types-toml.ts";
import { limits } from "../../../../src/core/limits.ts";
import type { Types } from "../../../../src/ports/types.ts";
import { createManualClock, type ManualClock } from "../../../doubles/manual-clock.ts";
import { createSilentLog, type SilentLog } from "../../../doubles/silent-log.ts";

let root: string;
let clock: ManualClock;
let log: SilentLog;
let types: Types;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "blanket-types-"));
  mkdirSync(join(root, "own"));
  mkdirSync(join(root, "shipped"));
  clock = createManualClock(Date.now() + 60_000);
  log = createSilentLog();
  const directories = [join(root, "own"), join(root, "missing"), join(root, "shipped")];
  types = createTomlTypes({ clock, log }, { directories });
});

afterEach(() => {
  rmSync(root, { recursive: true, force: true });
});

function write(path: string, content: string | Uint8Array): string {
  const file = join(root, path);
  writeFileSync(file, content);
  return file;
}

function warnings(): readonly string[] {
  return log.entries.filter(({ level }) => level === "warn").map(({ message }) => message);
}

describe("lookup", () => {
  it("gives the type, its document, and the digest of the bytes", () => {
    const content = '# comment\r\ncommand = "echo hello"\r\n';
    const file = write("own/hello.toml", content);
    const entry = types.lookup("hello");
    expect(entry).toMatchObject({
      name: "hello",
      configFile: file,
      loadedAt: clock.now(),
      document: { command: "echo hello" },
      problems: [],
      type: { name: "hello", executor: "bash" },
    });
    expect(entry?.digest).toBe(createHash("sha256").update(content).digest("hex"));
  });

  it("takes the line ends of Windows for those of Unix, and dates for their text", () => {
    write(
      "own/a.toml",
      "command = 'ls'\r\ndescription = 2026-11-24\r\ndocumentation = '''\r\na\r\nb'''\r\n",
    );
    expect(types.lookup("a")?.type).toMatchObject({
      description: "2026-11-24",
      documentation: "a\nb",
    });
  });

  it("has nothing for a name without a file", () => {
    expect(types.lookup("hello")).toBeUndefined();
    expect(warnings()).toEqual([]);
  });

  it("never leaves the directories", () => {
    write("secret.toml", 'command = "true"');
    write("own/.hidden.toml", 'command = "true"');
    for (const name of [
      "../secret",
      "own/../../secret",
      "",
      ".",
      "..",
      ".hidden",
      "/etc/x",
      "a\0b",
    ]) {
      expect(types.lookup(name), name).toBeUndefined();
    }
    expect(types.lookup("x".repeat(100_000))).toBeUndefined();
  });

  it("takes the first directory that has the file, broken or not", () => {
    write("shipped/a.toml", 'command = "shipped"');
    expect(types.lookup("a")?.type?.command.source).toBe("shipped");
    const own = write("own/a.toml", 'command = "own"');
    expect(types.lookup("a")?.type?.command.source).toBe("own");
    write("own/a.toml", "command =");
    expect(types.lookup("a")?.type).toBeUndefined();
    unlinkSync(own);
    expect(types.lookup("a")?.type?.command.source).toBe("shipped");
  });

  it("reads a file again when it was edited, replaced or deleted, at once", () => {
    const file = write("own/a.toml", 'command = "one"');
    expect(types.lookup("a")?.type?.command.source).toBe("one");
    write("own/a.toml", 'command = "two"');
    expect(types.lookup("a")?.type?.command.source).toBe("two");
    renameSync(write("own/new", 'command = "six"'), file);
    expect(types.lookup("a")?.type?.command.source).toBe("six");
    unlinkSync(file);
    expect(types.lookup("a")).toBeUndefined();
    write("own/a.toml", 'command = "ten"');
    expect(types.lookup("a")?.type?.command.source).toBe("ten");
  });

  it("sees an edit that leaves size and time as they were, while the file is fresh", () => {
    const file = write("own/a.toml", 'command = "one"');
    const time = new Date();
    utimesSync(file, time, time);
    const fresh = createManualClock(Date.now());
    types = createTomlTypes({ clock: fresh, log }, { directories: [join(root, "own")] });
    types.lookup("a");
    write("own/a.toml", 'command = "two"');
    utimesSync(file, time, time);
    expect(types.lookup("a")?.type?.command.source).toBe("two");
  });

  it("gives the same entry while the file is the same", () => {
    const file = write("own/a.toml", 'command = "one"');
    const entry = types.lookup("a");
    clock.advance(5_000);
    expect(types.lookup("a")).toBe(entry);
    utimesSync(file, new Date(), new Date(1_000));
    expect(types.lookup("a")).toBe(entry);
  });
});

describe("a bad file", () => {
  it.each([
    [
      "x = [",
      { line: 1, column: 5, message: expect.stringMatching(/^it is not valid TOML: .+\.$/) },
    ],
    ['command = "a"\ncommand = "b"', { line: 2, column: 1 }],
    ['command = "a\0b"', { line: 1, column: 13, message: expect.stringContaining("control") }],
    ['__proto__ = "x"', { line: 1 }],
    ['description = "no command"', { key: "command", message: "command is missing: add it." }],
    ["", { key: "command" }],
    [
      'command = "true"\n\n[retry]\n  atempts = 3',
      { key: "retry.atempts", line: 4, column: 3, message: expect.stringContaining("attempts?") },
    ],
    ['command = "true"\ntimeout = "soon"', { key: "timeout", line: 2, column: 1 }],
    ['command = "true"\n"time out" = 5', { key: "time out", line: 2, column: 1 }],
    ['command = "true"\nretry.delay = "x"', { key: "retry.delay", line: 2 }],
    ['command = "true"\nretry = { delay = "x" }', { key: "retry.delay", line: 2 }],
    ['command = "true"\ntags = [\n  "a b",\n]', { key: "tags[0]", line: 2 }],
    ['command = "true"\n[[environment.default]]\nname = "A"', { line: 2, column: 1 }],
    [
      "command = '''\nx = 1\n[retry]\n'''\n[[environment.required]]\nname = \"A\"\n[[environment.required]]\nname = \"A-B\"\n",
      { key: "environment.required[1].name", line: 8, column: 1 },
    ],
    ["command = '''\nls\necho \"{{.A}}\"\n'''", { key: "command", line: 3, column: 7 }],
    ["command = 'echo \"{{.A}}\"'", { key: "command", line: 1, column: 18 }],
    ['command = """\nls\n  {{if}}"""', { key: "command", line: 3 }],
    ['command = "true"\nschedule = "daily"', { key: "schedule", line: 2 }],
    [Uint8Array.from([0x23, 0x0a, 0x23, 0xff, 0x0a]), { line: 2, message: /UTF-8/ }],
    [`a = ${"[".repeat(5_000)}`, { message: /not valid TOML/ }],
    ["command = 12345678901234567890", { line: 1 }],
    ['command = "true"\ntimeout = nan', { key: "timeout", line: 2 }],
  ] as const)("is told with its place: %j", (content, problem) => {
    write("own/bad.toml", typeof content === "string" ? content : new Uint8Array(content));
    const entry = types.lookup("bad");
    const [first] = entry?.problems ?? [];
    const { message, ...place } = { message: expect.any(String), ...problem };
    expect(entry?.type).toBeUndefined();
    expect(first).toMatchObject(place);
    expect(first?.message).toEqual(
      message instanceof RegExp ? expect.stringMatching(message) : message,
    );
  });

  it("may be too large", () => {
    write("own/large.toml", `command = "true"\n#${"x".repeat(limits.typeFileBytesMax)}`);
    expect(types.lookup("large")?.problems[0]?.message).toContain("larger than 256 KiB");
    write("own/large.toml", `command="true"#${"x".repeat(limits.typeFileBytesMax - 15)}`);
    expect(types.lookup("large")?.problems).toEqual([]);
  });

  it("may be no file at all", () => {
    mkdirSync(join(root, "own/directory.toml"));
    symlinkSync("loop.toml", join(root, "own/loop.toml"));
    symlinkSync("nowhere", join(root, "own/dangling.toml"));
    spawnSync("sh", ["-c", `exec mkfifo "$0"`, join(root, "own/pipe.toml")]);
    expect(types.lookup("directory")?.problems[0]?.message).toContain("not a regular file");
    expect(types.lookup("pipe")?.problems[0]?.message).toContain("not a regular file");
    expect(types.lookup("loop")?.problems[0]?.message).toContain("symbolic link");
    expect(types.lookup("dangling")).toBeUndefined();
    expect(types.all().map(({ name }) => name)).toEqual(["directory", "loop", "pipe"]);
  });

  it("never hides the others", () => {
    write("own/good.toml", 'command = "true"');
    write("own/broken.toml", "command =");
    write("shipped/also.toml", 'command = "true"');
    write("shipped/odd name.toml", 'command = "true"');
    write("shipped/good.toml~", "x");
    expect(types.all().map(({ name, type }) => [name, type !== undefined])).toEqual([
      ["also", true],
      ["broken", false],
      ["good", true],
      ["odd name", false],
    ]);
    expect(types.all().at(-1)?.problems[0]?.message).toContain("use letters, digits");
  });

  it("is logged with file, line and column once for each change", () => {
    const file = write("own/bad.toml", "command = 5\ntimeout = true");
    types.lookup("bad");
    types.all();
    utimesSync(file, new Date(), new Date(1_000));
    types.lookup("bad");
    expect(warnings()).toEqual([
      `the task type bad cannot be used: ${file}:1:1: command must be a text. (and 1 more)`,
    ]);
    write("own/bad.toml", "command = true");
    types.lookup("bad");
    types.lookup("bad");
    expect(warnings()).toHaveLength(2);
    write("own/bad.toml", 'command = "true"');
    types.lookup("bad");
    expect(warnings()).toHaveLength(2);
  });
});

describe("directories", () => {
  it("are passed over and told once where they are none", () => {
    const file = write("file", "");
    types = createTomlTypes({ clock, log }, { directories: [file, join(root, "own")] });
    write("own/a.toml", 'command = "true"');
    expect(types.all().map(({ name }) => name)).toEqual(["a"]);
    expect(types.all()).toHaveLength(1);
    expect(warnings()).toEqual([
      `no task types are read from ${file}: it is not a directory: name the directory that holds the files.`,
    ]);
  });

  it("may come and go", () => {
    rmSync(join(root, "own"), { recursive: true });
    expect(types.all()).toEqual([]);
    mkdirSync(join(root, "missing"));
    write("missing/a.toml", 'command = "true"');
    expect(types.lookup("a")?.configFile).toBe(join(root, "missing/a.toml"));
    expect(warnings()).toEqual([]);
  });
});

describe("names", () => {
  it("are looked up at most once a second", () => {
    write("own/b.toml", "broken");
    write("shipped/a.toml", 'command = "true"');
    write("shipped/b.toml", 'command = "true"');
    expect(types.names()).toEqual(["a", "b"]);
    write("own/c.toml", 'command = "true"');
    clock.advance(999);
    expect(types.names()).toEqual(["a", "b"]);
    clock.advance(1);
    expect(types.names()).toEqual(["a", "b", "c"]);
  });
});
