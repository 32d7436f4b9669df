/**
 * Goal: a line of the log is one line, has what it was told and no secret, stays small whatever it
 * is given, and can neither deceive a terminal nor stop or end the node.
 * Method: lines are caught at the destination; a real process shows the way to standard error.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";

import { describe, expect, it, onTestFinished } from "vitest";

import { createPinoLog, type PinoLogOptions } from "../../../../src/adapters/log-pino/log-pino.ts";
import { BlanketError } from "../../../../src/core/errors.ts";

function logging(options: Partial<PinoLogOptions> = {}) {
  const lines: string[] = [];
  const destination = { write: (line: string) => void lines.push(line) };
  const log = createPinoLog({ level: "info", destination, ...options });
  const last = () => JSON.parse(lines.at(-1) ?? "null") as Record<string, unknown>;
  return { log, lines, last };
}

describe("a JSON line", () => {
  it("has level, time, message and fields, and ends", () => {
    const { log, lines, last } = logging();
    log.warn("the disk is slow", { store: "level", ms: 12, nested: { deep: [1, null] } });
    expect(lines[0]).toMatch(/^\{[^\n]*\}\n$/);
    expect(last()).toStrictEqual({
      level: "warn",
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      message: "the disk is slow",
      store: "level",
      ms: 12,
      nested: { deep: [1, null] },
    });
  });

  it("is left out below the level", () => {
    const { log, lines } = logging({ level: "warn" });
    log.debug("d");
    log.info("i");
    log.warn("w");
    log.error("e");
    expect(lines).toHaveLength(2);
  });

  it("hides values of names that look secret, at any depth", () => {
    const { log, lines } = logging();
    log.info("m", { apiToken: "abc", a: { PASSWORD: "abc", list: [{ secret_key: "abc" }] } });
    expect(lines[0]).not.toContain("abc");
    expect(lines[0]).toContain('"apiToken":"***"');
  });

  it("tells an error with its code and causes, and a stack only where nobody expected it", () => {
    const { log, last } = logging();
    const cause = Object.assign(new Error("no space"), { code: "ENOSPC" });
    log.error("m", {
      error: new BlanketError("STORE_UNAVAILABLE", "it is full.", { a: 1 }, cause),
    });
    expect(last()["error"]).toStrictEqual({
      code: "STORE_UNAVAILABLE",
      message: "it is full.",
      details: { a: 1 },
      cause: { code: "ENOSPC", message: "no space", stack: expect.stringContaining("no space") },
    });
  });

  it("stays small, whatever it is given", () => {
    const { log, lines } = logging();
    const circle: Record<string, unknown> = {};
    circle["self"] = circle;
    const wide = Object.fromEntries(Array.from({ length: 9_999 }, (_, at) => [`n${at}`, at]));
    log.info("m", {
      text: "x".repeat(1e6),
      list: Array.from({ length: 1e5 }, () => 1),
      bytes: new Uint8Array(1e6),
      circle,
      wide,
      big: 10n ** 20n,
    });
    expect(lines[0]?.length).toBeLessThan(10_000);
    expect(lines[0]).toContain("… 998000 more");
    expect(lines[0]).toContain("[1000000 bytes]");
  });

  it("keeps its own names for itself", () => {
    const { log, last } = logging();
    log.info("m", { level: "x", time: "y", message: "z" });
    expect(last()).toMatchObject({
      level: "info",
      message: "m",
      "field.level": "x",
      "field.time": "y",
      "field.message": "z",
    });
  });
});

describe("a line for people", () => {
  it("is time, level, message and fields", () => {
    const { log, lines } = logging({ format: "text" });
    log.warn("worker gone", { id: "w-1", why: "lost its node", n: 3, list: ["a"], none: null });
    expect(lines[0]).toMatch(
      /^\d\d:\d\d:\d\d warn worker gone id=w-1 why="lost its node" n=3 list=\["a"\] none=null\n$/,
    );
  });

  it("has of an error the sentence alone", () => {
    const { log, lines } = logging({ format: "text" });
    log.error("m", { error: new Error("it broke") });
    expect(lines[0]).toMatch(/ error m error="it broke"\n$/);
  });

  it("writes out what a terminal might obey", () => {
    const { log, lines } = logging({ format: "text" });
    log.info("a\u001b[2Jb\nc", { name: "\u001b]0;x\u0007", [`k\u009b`]: "\u202e" });
    expect(lines[0]).toMatch(/^[^\p{Cc}\u202e]+\n$/u);
    expect(lines[0]).toContain("a\\u001b[2Jb\\u000ac");
  });
});

describe("standard error", () => {
  const module = new URL("../../../../src/adapters/log-pino/log-pino.ts", import.meta.url).href;

  /** A process of its own with a log on its standard error. */
  function run(body: string) {
    const program = `
      import { createPinoLog } from ${JSON.stringify(module)};
      const log = createPinoLog({ level: "info" });
      ${body}`;
    const child = spawn(process.execPath, ["--input-type=module", "-e", program]);
    onTestFinished(() => void child.kill("SIGKILL"));
    return child;
  }

  it("has all lines when the process exits right after them, and nothing is on stdout", async () => {
    const child = run(`for (let n = 0; n < 500; n += 1) log.info("line", { n }); process.exit(3);`);
    const parts: Record<"out" | "err", string> = { out: "", err: "" };
    child.stdout.on("data", (part) => (parts.out += part));
    child.stderr.on("data", (part) => (parts.err += part));
    expect(await once(child, "close")).toStrictEqual([3, null]);
    expect(parts.out).toBe("");
    expect(parts.err.match(/"n":\d+/g)).toHaveLength(500);
  });

  it("says how many lines it dropped, once its reader reads again", async () => {
    const child = run(`
        const text = "x".repeat(1_500);
        for (let n = 0; n < 3_000; n += 1) log.info("line", { text });
        process.stdout.write("done\\n");
        process.stdin.once("end", () => process.exit(0)).resume();`);
    await once(child.stdout, "data");
    let seen = "";
    const missed = await new Promise<string>((resolve) => {
      child.stderr.on("data", (part) => {
        seen += part;
        const said = /\{"level":"warn"[^\n]*"lines":(\d+)[^\n]*\}\n/.exec(seen);
        if (said?.[1] !== undefined) resolve(said[1]);
      });
    });
    child.stdin.end();
    await once(child, "close");
    expect(seen.match(/"message":"line"/g)).toHaveLength(3_000 - Number(missed));
  });

  it("stops nothing when its reader does not read, and ends nothing when it goes", async () => {
    const child = run(`
        const text = "x".repeat(1_500);
        for (let n = 0; n < 3_000; n += 1) log.info("line", { text });
        setTimeout(() => process.stdout.write("alive\\n"), 50);
        process.stdin.once("data", () => {
          log.info("more");
          setTimeout(() => process.stdout.write("still alive\\n", () => process.exit(0)), 50);
        });`);
    child.stderr.pause();
    expect(String((await once(child.stdout, "data"))[0])).toBe("alive\n");
    child.stderr.destroy();
    child.stdin.write("go on");
    expect(String((await once(child.stdout, "data"))[0])).toBe("still alive\n");
    expect((await once(child, "exit"))[0]).toBe(0);
  });
});
