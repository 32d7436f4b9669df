/**
 * Goal: whatever a task writes, in whatever pieces, and wherever a reader breaks off and another
 * one goes on: the lines are the same, none is missed, none comes twice, and no byte is lost.
 * Method: random bytes in which line feeds, parts of characters and lines about as long as the
 * bound are frequent; what is read in one go is the model, and is itself held against a plain
 * decoding.
 */
import fc from "fast-check";
import { expect, it } from "vitest";

import type { TaskId } from "../../src/core/ids.ts";
import { limits } from "../../src/core/limits.ts";
import { readLogEvents } from "../../src/engine/log-reader.ts";
import type { LogEvent } from "../../src/ports/control.ts";
import { createManualClock } from "../doubles/manual-clock.ts";
import { createMemoryFiles, type MemoryFiles } from "../doubles/memory-files.ts";

const id = "00000000-0000-8000-8000-0000000000a1" as TaskId;
const path = "blanket.stdout.log";
const most = limits.logLineBytesMax;

type Line = Extract<LogEvent, { kind: "line" }>;

const bytes = (text: string) => new TextEncoder().encode(text);

/** Pieces of a log: text, stray bytes, line ends, and runs that end near the bound. */
const piece = fc.oneof(
  { weight: 4, arbitrary: fc.string({ unit: "binary", maxLength: 12 }).map(bytes) },
  { weight: 3, arbitrary: fc.uint8Array({ maxLength: 6 }) },
  { weight: 4, arbitrary: fc.constantFrom("\n", "\r\n", "\n\n", "\0").map(bytes) },
  {
    weight: 1,
    arbitrary: fc
      .tuple(fc.constantFrom("x", "é", "€", "😀"), fc.integer({ min: -5, max: 5 }))
      .map(([unit, more]) => {
        const run = bytes(unit.repeat(Math.ceil(most / bytes(unit).length) + 2));
        return run.slice(0, most + more);
      }),
  },
  { weight: 1, arbitrary: fc.constant(new Uint8Array(most + 3).fill(0x80)) },
);
const pieces = fc.array(piece, { maxLength: 12 });

async function collect(files: MemoryFiles, from: number): Promise<readonly Line[]> {
  const reading = {
    id,
    streams: ["stdout"],
    from: { stdout: from, stderr: 0 },
    follow: false,
    isEnded: () => undefined,
    newestAttempt: () => 1,
    signal: new AbortController().signal,
  } as const;
  const lines: Line[] = [];
  for await (const event of readLogEvents({ files, clock: createManualClock() }, reading)) {
    if (event.kind === "line") lines.push(event);
  }
  return lines;
}

function filesWith(...parts: readonly Uint8Array[]): MemoryFiles {
  const files = createMemoryFiles({ clock: createManualClock() });
  files.write(id, path, Buffer.concat(parts));
  return files;
}

it("reads every byte once: lines joined are the decoded log", async () => {
  await fc.assert(
    fc.asyncProperty(pieces, async (parts) => {
      const log = Buffer.concat(parts);
      const lines = await collect(filesWith(log), 0);
      let start = 0;
      let text = "";
      for (const line of lines) {
        const end = line.position.stdout;
        expect(end).toBeGreaterThan(start);
        expect(end - start).toBeLessThanOrEqual(most + 1);
        text += line.text + (log[end - 1] === 0x0a ? "\n" : "");
        start = end;
      }
      expect(start).toBe(log.length);
      expect(text).toBe(new TextDecoder("utf-8", { ignoreBOM: true }).decode(log));
    }),
    { numRuns: 150 },
  );
});

it("goes on at any delivered position as if it had never stopped", async () => {
  await fc.assert(
    fc.asyncProperty(pieces, fc.nat(), async (parts, at) => {
      const files = filesWith(...parts);
      const lines = await collect(files, 0);
      const seen = lines.length === 0 ? 0 : at % lines.length;
      const from = lines[seen - 1]?.position.stdout ?? 0;
      expect(await collect(files, from)).toStrictEqual(lines.slice(seen));
    }),
    { numRuns: 150 },
  );
});

it("sees the same lines whatever the pieces in which the log grows", async () => {
  await fc.assert(
    fc.asyncProperty(pieces, async (parts) => {
      const clock = createManualClock();
      const files = createMemoryFiles({ clock });
      let isEnded = false;
      const followed: Line[] = [];
      const reading = (async () => {
        const asked = {
          id,
          streams: ["stdout"],
          from: { stdout: 0, stderr: 0 },
          follow: true,
          isEnded: () => (isEnded ? ("SUCCESS" as const) : undefined),
          newestAttempt: () => 1,
          signal: new AbortController().signal,
        } as const;
        for await (const event of readLogEvents({ files, clock }, asked)) {
          if (event.kind === "line") followed.push(event);
        }
      })();
      for (const part of parts) {
        files.append(id, path, part);
        await clock.run(100);
      }
      isEnded = true;
      await clock.run(100);
      await reading;
      expect(followed).toStrictEqual(await collect(filesWith(...parts), 0));
    }),
    { numRuns: 60 },
  );
});
