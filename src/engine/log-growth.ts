import type { TaskId } from "../core/ids.ts";
import { limits } from "../core/limits.ts";
import type { LogPosition } from "../ports/control.ts";
import type { Files, LogStream } from "../ports/files.ts";
import { lastLine, nextLine, type LogLine } from "./log-lines.ts";

/** One of the two files as far as it was read. */
export interface Tail {
  readonly stream: LogStream;
  /** Bytes whose lines were delivered. */
  delivered: number;
  /** Bytes after those, read and not yet a line; at most a line and a chunk. */
  pending: Uint8Array;
  /** How far the file is read in this round. */
  until: number;
}

/** A line, and the file that it is of; whoever takes it moves `delivered` on by its bytes. */
export interface GrownLine {
  readonly tail: Tail;
  readonly line: LogLine;
}

const nothing = new Uint8Array();

/** The file to be read on from where a reader stands. */
export function tailAt(stream: LogStream, from: LogPosition): Tail {
  return { stream, delivered: from[stream], pending: nothing, until: 0 };
}

/**
 * What the files hold now beyond what was read, a chunk of each in turn. A file that became shorter
 * is read from its beginning.
 */
export async function* grownLines(
  files: Files,
  { id, attempt }: { readonly id: TaskId; readonly attempt?: number },
  tails: readonly Tail[],
): AsyncGenerator<GrownLine> {
  for (const tail of tails) {
    tail.until = await files.logSize(id, tail.stream, attempt);
    if (tail.until < tail.delivered + tail.pending.length) yield* startOver(tail);
  }
  for (let isGrowing = true; isGrowing;) {
    isGrowing = false;
    for (const tail of tails) {
      const offset = tail.delivered + tail.pending.length;
      if (offset >= tail.until) continue;
      const bytesMax = Math.min(limits.logChunkBytes, tail.until - offset);
      const chunk = await files.readLog(id, tail.stream, offset, bytesMax, attempt);
      isGrowing ||= chunk.length > 0;
      yield* linesWith(tail, chunk);
    }
  }
}

function* startOver(tail: Tail): Generator<GrownLine> {
  const line = lastLine(tail.pending);
  if (line !== undefined) yield { tail, line };
  tail.delivered = 0;
  tail.pending = nothing;
}

function* linesWith(tail: Tail, chunk: Uint8Array): Generator<GrownLine> {
  const bytes = joined(tail.pending, chunk);
  let start = 0;
  for (let line = nextLine(bytes, start); line !== undefined; line = nextLine(bytes, start)) {
    start += line.bytes;
    tail.pending = bytes.subarray(start);
    yield { tail, line };
  }
  // A copy, so that a short rest does not keep the whole chunk.
  tail.pending = bytes.slice(start);
}

function joined(first: Uint8Array, second: Uint8Array): Uint8Array {
  if (first.length === 0) return second;
  const both = new Uint8Array(first.length + second.length);
  both.set(first);
  both.set(second, first.length);
  return both;
}
