/**
 * Goal: the last lines of a log, however long it is, without reading all of it.
 * Method: logTail over files in memory; what is read is counted.
 */
import { describe, expect, it } from "vitest";

import type { TaskId } from "../../../src/core/ids.ts";
import { limits } from "../../../src/core/limits.ts";
import { logTail } from "../../../src/engine/log-tail.ts";
import type { LogStream } from "../../../src/ports/files.ts";
import { createManualClock } from "../../doubles/manual-clock.ts";
import { createMemoryFiles } from "../../doubles/memory-files.ts";

const id = "00000000-0000-8000-8000-0000000000a1" as TaskId;

async function tailOf(
  log: Partial<Record<LogStream, string | Uint8Array>>,
  lines: number,
  streams: readonly LogStream[] = ["stdout"],
) {
  const memory = createMemoryFiles({ clock: createManualClock() });
  for (const [stream, text] of Object.entries(log)) memory.write(id, `blanket.${stream}.log`, text);
  let bytesRead = 0;
  const files = {
    ...memory,
    async readLog(...asked: Parameters<typeof memory.readLog>) {
      const part = await memory.readLog(...asked);
      bytesRead += part.length;
      return part;
    },
  };
  return { text: await logTail({ files }, id, streams, lines), bytesRead };
}

describe("the tail of a log", () => {
  it.each([
    ["one\ntwo\nthree\n", 2, "two\nthree\n"],
    ["one\ntwo\nthree", 2, "two\nthree"],
    ["one\ntwo\n", 5, "one\ntwo\n"],
    ["one\n\n\n", 2, "\n\n"],
    ["\n", 1, "\n"],
    ["", 3, ""],
    ["one\n", 0, ""],
    ["one", 1, "one"],
    ["a€\n€b", 1, "€b"],
  ])("of %j, %i lines", async (log, lines, expected) => {
    expect((await tailOf({ stdout: log }, lines)).text).toBe(expected);
  });

  it("of both streams has one after the other, each from a line of its own", async () => {
    const log = { stdout: "a\nb", stderr: "c\nd\n" };
    expect((await tailOf(log, 1, ["stdout", "stderr"])).text).toBe("b\nd\n");
    expect((await tailOf({ stderr: "c\n" }, 1, ["stdout", "stderr"])).text).toBe("c\n");
  });

  it("spans chunks, and reads no more of them than it needs", async () => {
    const line = `${"x".repeat(999)}\n`;
    const log = line.repeat(1_000);
    const { text, bytesRead } = await tailOf({ stdout: log }, 200);
    expect(text).toBe(line.repeat(200));
    expect(bytesRead).toBeLessThan(200_000 + limits.logChunkBytes);
  });

  it("is cut at its bound, between characters, and says so", async () => {
    const log = `${"€".repeat(1_000_000)}\nend`;
    const { text, bytesRead } = await tailOf({ stdout: log }, 2);
    const [first, ...rest] = text.split("\n");
    expect(first).toBe("[cut: the last 1048576 of 3000004 bytes]");
    expect(rest.join("\n")).toMatch(/^€+\nend$/);
    expect(bytesRead).toBe(limits.logTailBytesMax);
  });
});
