import type { TaskId } from "../core/ids.ts";
import { limits } from "../core/limits.ts";
import type { Files, LogStream } from "../ports/files.ts";
import { decodeText } from "./log-lines.ts";

const newline = 0x0a;

/**
 * The last `lines` lines of each stream as text, one stream after the other: nothing tells how
 * lines of two files lay in time. Read from the end, at most `limits.logTailBytesMax` of each; a
 * tail that is cut there begins with a line that says so.
 */
export async function logTail(
  { files }: { readonly files: Files },
  id: TaskId,
  streams: readonly LogStream[],
  lines: number,
): Promise<string> {
  let text = "";
  for (const stream of streams) {
    if (text !== "" && !text.endsWith("\n")) text += "\n";
    text += await tailOf(files, id, stream, lines);
  }
  return text;
}

async function tailOf(files: Files, id: TaskId, stream: LogStream, lines: number) {
  const size = await files.logSize(id, stream);
  const least = Math.max(0, size - limits.logTailBytesMax);
  const parts: Uint8Array[] = [];
  let start = size;
  let missing = lines;
  while (start > least && missing > 0) {
    const length = Math.min(limits.logChunkBytes, start - least);
    const part = await readWhole(files, id, stream, start - length, length);
    const found = lineStart(part, missing, start === size);
    parts.unshift(part.subarray(found.index));
    start -= part.length - found.index;
    missing = found.missing;
  }
  const isCut = missing > 0 && start > 0 && lines > 0;
  const bytes = concatenated(parts);
  if (!isCut) return decodeText(bytes);
  return `[cut: the last ${bytes.length} of ${size} bytes]\n${decodeText(afterHalfCharacter(bytes))}`;
}

async function readWhole(
  files: Files,
  id: TaskId,
  stream: LogStream,
  from: number,
  length: number,
): Promise<Uint8Array> {
  const whole = new Uint8Array(length);
  for (let done = 0; done < length;) {
    const part = await files.readLog(id, stream, from + done, length - done);
    if (part.length === 0) break;
    whole.set(part, done);
    done += part.length;
  }
  return whole;
}

/**
 * Where the last `missing` lines of a part begin, or 0 with how many are still missing. The line
 * feed at the very end of a file ends its last line and begins none.
 */
function lineStart(part: Uint8Array, missing: number, isFileEnd: boolean) {
  let left = missing;
  let before = isFileEnd && part.at(-1) === newline ? part.length - 2 : part.length - 1;
  for (; before >= 0; before -= 1) {
    before = part.lastIndexOf(newline, before);
    if (before === -1) break;
    left -= 1;
    if (left === 0) return { index: before + 1, missing: 0 };
  }
  return { index: 0, missing: left };
}

function concatenated(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}

/** Without the bytes that go on with a character whose beginning was cut away. */
function afterHalfCharacter(bytes: Uint8Array): Uint8Array {
  let start = 0;
  while (start < 3 && ((bytes[start] ?? 0) & 0xc0) === 0x80) start += 1;
  return bytes.subarray(start);
}
