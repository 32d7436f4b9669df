import { limits } from "../core/limits.ts";

/** A piece of a log: its text, and how many bytes of the file it stands for, its end included. */
export interface LogLine {
  readonly text: string;
  readonly bytes: number;
}

const newline = 0x0a;
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/**
 * The next line in `bytes` from `start`, or undefined where more bytes are needed to know it. What
 * a line is depends on nothing but the bytes from `start`, so that a reader that resumes there sees
 * the same lines: up to the next line feed, cut where it is longer than `limits.logLineBytesMax`,
 * never inside a character.
 */
export function nextLine(bytes: Uint8Array, start: number): LogLine | undefined {
  const end = bytes.indexOf(newline, start);
  if (end !== -1 && end - start <= limits.logLineBytesMax) return line(bytes, start, end, 1);
  if (bytes.length - start <= limits.logLineBytesMax) return undefined;
  return line(bytes, start, cutBefore(bytes, start + limits.logLineBytesMax), 0);
}

/** What is left at the end of a file: a line without its end. */
export function lastLine(bytes: Uint8Array): LogLine | undefined {
  return bytes.length === 0 ? undefined : line(bytes, 0, bytes.length, 0);
}

/** Invalid bytes become U+FFFD; everything else, control characters included, stays as it is. */
export function decodeText(bytes: Uint8Array): string {
  return decoder.decode(bytes);
}

/** The last boundary between characters at or before `index`. */
function cutBefore(bytes: Uint8Array, index: number): number {
  for (let back = 1; back <= 3; back += 1) {
    const lead = bytes[index - back];
    if (lead === undefined || lead < 0x80) return index;
    if (lead >= 0xc0) return characterBytes(lead) > back ? index - back : index;
  }
  return index;
}

function characterBytes(lead: number): number {
  if (lead >= 0xf0) return 4;
  return lead >= 0xe0 ? 3 : 2;
}

function line(bytes: Uint8Array, start: number, end: number, endBytes: number): LogLine {
  return { text: decodeText(bytes.subarray(start, end)), bytes: end - start + endBytes };
}
