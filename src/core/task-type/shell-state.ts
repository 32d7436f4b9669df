import type { PosixShell } from "./executor.ts";
import type { HereDocument } from "./shell-document.ts";

/** How a shell reads a place in a command; a quoted value may stand only where it is a `word`. */
export type Place =
  | "word"
  | "single"
  | "double"
  | "backticks"
  | "document"
  | "comment"
  | "parameter"
  | "arithmetic"
  | "subscript"
  | "backslash"
  | "dollar"
  | "unknown";

/** What the shell is inside of; the outermost frame is the command itself. */
export type Frame =
  | { readonly kind: "code"; readonly list: boolean; depth: number; wordFrom: number }
  | { readonly kind: "double" }
  | { readonly kind: "parameter" }
  | { readonly kind: "arithmetic"; depth: number; shifted: boolean };

/** Commands and words: the command itself, or what is in `$(…)`. */
export type CodeFrame = Extract<Frame, { kind: "code" }>;

/** A scan under way. Functions that read a token answer false where they are not sure any more. */
export interface Scan {
  readonly text: string;
  readonly shell: PosixShell;
  readonly frames: Frame[];
  readonly places: Place[];
  /** Here-documents whose bodies begin after the next newline. */
  documents: HereDocument[];
  at: number;
  /** The last character that a backslash took its meaning from. */
  escapedAt: number;
}

/** A frame of commands; `list` is the `(…)` of an array. */
export function code(wordFrom: number, list = false): Frame {
  return { kind: "code", list, depth: 0, wordFrom };
}

/** Goes past the beginning of a frame, and into it. */
export function enter(scan: Scan, length: number, frame: Frame): boolean {
  scan.frames.push(frame);
  scan.at += length;
  return true;
}

/** Goes past `last`; the marks before it stand in a `place`. */
export function skip(scan: Scan, last: number, place: Place): boolean {
  const end = last < 0 ? scan.text.length : last + 1;
  for (; scan.at < end; scan.at += 1) {
    if (scan.text[scan.at] === "\0") scan.places.push(place);
  }
  return true;
}

/** Goes past a character that means nothing here. */
export function character(scan: Scan): boolean {
  scan.at += 1;
  return true;
}

/** Goes past `'…'`. */
export function singleQuotes(scan: Scan): boolean {
  return skip(scan, scan.text.indexOf("'", scan.at + 1), "single");
}

/** The frame of `((…))` and `$((…))`. */
export function arithmetic(): Frame {
  return { kind: "arithmetic", depth: 2, shifted: false };
}
