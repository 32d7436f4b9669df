/**
 * Goal: a reader of a log sees each line once, as it was written, in the order of growth, learns of
 * silence and of the end, and stops when asked to.
 * Method: readLogEvents over files in memory and a clock that is moved by hand.
 */
import { describe, expect, it } from "vitest";

import type { TaskId } from "../../../src/core/ids.ts";
import { limits } from "../../../src/core/limits.ts";
import type { TaskState } from "../../../src/core/task/shown-state.ts";
import { readLogEvents, type LogReading } from "../../../src/engine/log-reader.ts";
import type { LogEvent } from "../../../src/ports/control.ts";
import { createManualClock } from "../../doubles/manual-clock.ts";
import { createMemoryFiles } from "../../doubles/memory-files.ts";

const id = "00000000-0000-8000-8000-0000000000a1" as TaskId;
const stdout = "blanket.stdout.log";
const stderr = "blanket.stderr.log";

/** A task with its log, and a reader of it whose events pile up in `events`. */
function reading(asked: Partial<LogReading> = {}) {
  const clock = createManualClock();
  const files = createMemoryFiles({ clock });
  const abort = new AbortController();
  const events: LogEvent[] = [];
  let state: TaskState | undefined;
  let newest = 1;
  let wake: (() => void) | undefined;

  async function read(): Promise<void> {
    const request: LogReading = {
      id,
      streams: ["stdout", "stderr"],
      from: { stdout: 0, stderr: 0 },
      follow: true,
      isEnded: () => state,
      newestAttempt: () => newest,
      onEnd: (act) => {
        wake = act;
      },
      signal: abort.signal,
      ...asked,
    };
    for await (const event of readLogEvents({ files, clock }, request)) events.push(event);
  }

  return {
    clock,
    files,
    abort,
    events,
    read,
    end(as: TaskState) {
      state = as;
      wake?.();
    },
    async begin(attempt: number) {
      await files.prepare({ id, attempt, files: [], include: [], includeFrom: "/" });
      newest = attempt;
    },
    lines: () => events.flatMap((event) => (event.kind === "line" ? [event.text] : [])),
  };
}

describe("what is there", () => {
  it("is read once without follow, the last line without its end too", async () => {
    const { files, read, events } = reading({ follow: false });
    files.write(id, stdout, "one\r\n\n\0two\u001b[1m");
    await read();
    const rest = { stderr: 0, attempt: 1 };
    expect(events).toStrictEqual([
      { kind: "line", stream: "stdout", text: "one\r", position: { stdout: 5, ...rest } },
      { kind: "line", stream: "stdout", text: "", position: { stdout: 6, ...rest } },
      {
        kind: "line",
        stream: "stdout",
        text: "\0two\u001b[1m",
        position: { stdout: 14, ...rest },
      },
    ]);
  });

  it("ends with the state of a task that has ended, even where there is no log at all", async () => {
    const { read, events, end } = reading({ follow: false });
    end("SUCCESS");
    await read();
    expect(events).toStrictEqual([{ kind: "end", state: "SUCCESS" }]);
  });

  it("is read of the streams asked for, from the position asked for", async () => {
    const { files, read, events } = reading({
      follow: false,
      streams: ["stderr"],
      from: { stdout: 7, stderr: 2 },
    });
    files.write(id, stdout, "unseen\n");
    files.write(id, stderr, "1\n2\n3\n");
    await read();
    expect(events).toMatchObject([
      { text: "2", position: { stdout: 7, stderr: 4 } },
      { text: "3", position: { stdout: 7, stderr: 6 } },
    ]);
  });
});

describe("following", () => {
  it("brings lines of both files in the order in which they came", async () => {
    const { files, read, events, end, clock } = reading();
    const done = read();
    for (const [path, text] of [
      [stdout, "a\n"],
      [stderr, "b\n"],
      [stdout, "c\nd"],
      [stdout, "e\n"],
    ] as const) {
      files.append(id, path, text);
      await clock.run(100);
    }
    end("ERROR");
    await done;
    expect(events).toMatchObject([
      { stream: "stdout", text: "a", position: { stdout: 2, stderr: 0 } },
      { stream: "stderr", text: "b", position: { stdout: 2, stderr: 2 } },
      { stream: "stdout", text: "c", position: { stdout: 4, stderr: 2 } },
      { stream: "stdout", text: "de", position: { stdout: 7, stderr: 2 } },
      { kind: "end", state: "ERROR" },
    ]);
  });

  it("says now and then that nothing is new", async () => {
    const { files, read, events, abort, clock } = reading();
    const done = read();
    await clock.run(31_000);
    files.append(id, stdout, "late\n");
    await clock.run(14_000);
    abort.abort();
    await done;
    expect(events.map(({ kind }) => kind)).toStrictEqual(["idle", "idle", "line"]);
  });

  it("ends at once with the task, with all that it wrote last", async () => {
    const { files, read, events, end, clock } = reading();
    const done = read();
    await clock.run(250);
    files.append(id, stderr, "bye");
    end("STOPPED");
    await done;
    expect(events).toMatchObject([{ text: "bye" }, { kind: "end", state: "STOPPED" }]);
    expect(clock.pending()).toBe(0);
  });

  it("stops at once when its reader goes, without an end", async () => {
    const { files, read, events, abort, clock } = reading();
    files.append(id, stdout, "one\nhalf");
    const done = read();
    await clock.run(150);
    abort.abort();
    await done;
    expect(events).toMatchObject([{ text: "one" }]);
    expect(clock.pending()).toBe(0);
  });

  it("goes on with the next attempt once the one before is read to its end", async () => {
    const { files, begin, read, events, end, clock } = reading();
    await begin(1);
    const done = read();
    files.append(id, stdout, "first\n");
    await clock.run(100);
    // Both come between two looks, and are as long as what was read: sizes tell nothing.
    files.append(id, stderr, "half");
    await begin(2);
    files.append(id, stdout, "other\n");
    await begin(3);
    files.append(id, stdout, "third\n");
    await clock.run(100);
    end("SUCCESS");
    await done;
    expect(events).toMatchObject([
      { stream: "stdout", text: "first", position: { stdout: 6, stderr: 0 } },
      { stream: "stderr", text: "half", position: { stdout: 6, stderr: 4 } },
      { stream: "stdout", text: "other", position: { stdout: 6, stderr: 0, attempt: 2 } },
      { stream: "stdout", text: "third", position: { stdout: 6, stderr: 0, attempt: 3 } },
      { kind: "end", state: "SUCCESS" },
    ]);
  });

  it("goes on in the attempt where it stood, though others have followed", async () => {
    const from = { stdout: 4, stderr: 0, attempt: 1 };
    const { files, begin, read, lines, end } = reading({ from });
    await begin(1);
    files.append(id, stdout, "one\ntwo\n");
    await begin(2);
    files.append(id, stdout, "three\n");
    end("SUCCESS");
    await read();
    expect(lines()).toStrictEqual(["two", "three"]);
  });

  it("stays with the attempt that was asked for", async () => {
    const { files, begin, read, lines, end, clock } = reading({ attempt: 1 });
    await begin(1);
    const done = read();
    files.append(id, stdout, "first\n");
    await begin(2);
    files.append(id, stdout, "second\n");
    await clock.run(100);
    end("SUCCESS");
    await done;
    expect(lines()).toStrictEqual(["first"]);
  });

  it("begins again with a log that its task has emptied", async () => {
    const { files, read, lines, end, clock } = reading();
    const done = read();
    files.append(id, stdout, "first of all\nand half");
    await clock.run(100);
    files.write(id, stdout, "second\n");
    await clock.run(100);
    end("SUCCESS");
    await done;
    expect(lines()).toStrictEqual(["first of all", "and half", "second"]);
  });
});

describe("lines", () => {
  it("longer than the bound are cut there, never inside a character", async () => {
    const { files, read, events } = reading({ follow: false });
    const long = `${"x".repeat(limits.logLineBytesMax - 1)}€ and more`;
    files.write(id, stdout, `${long}\n${"y".repeat(limits.logLineBytesMax)}\nz\n`);
    await read();
    expect(events).toMatchObject([
      {
        text: "x".repeat(limits.logLineBytesMax - 1),
        position: { stdout: limits.logLineBytesMax - 1 },
      },
      { text: "€ and more" },
      { text: "y".repeat(limits.logLineBytesMax) },
      { text: "z" },
    ]);
  });

  it("with bytes that are no text show U+FFFD for them and keep the rest", async () => {
    const { files, read, lines } = reading({ follow: false });
    files.write(
      id,
      stdout,
      Uint8Array.of(0xef, 0xbb, 0xbf, 0x61, 0xff, 0x62, 0xc3, 0x0a, 0xa9, 0x0a),
    );
    await read();
    expect(lines()).toStrictEqual(["\uFEFFa\uFFFDb\uFFFD", "\uFFFD"]);
  });

  it("whose characters come in pieces are put together", async () => {
    const { files, read, lines, clock, end } = reading();
    const done = read();
    for (const byte of new TextEncoder().encode("a€😀b\n")) {
      files.append(id, stdout, Uint8Array.of(byte));
      await clock.run(100);
    }
    end("SUCCESS");
    await done;
    expect(lines()).toStrictEqual(["a€😀b"]);
  });
});
