import type { PosixShell } from "./executor.ts";
import { codeStep, openSubscript } from "./shell-code.ts";
import {
  arithmetic,
  character,
  code,
  enter,
  singleQuotes,
  skip,
  type Frame,
  type Place,
  type Scan,
} from "./shell-state.ts";

/**
 * Where each NUL character of `text` stands, in order: NULs mark the places of values. This knows
 * only as much of the shell's grammar as decides that, and where shells differ, or it is not sure,
 * all later places are `unknown`: a value must never be put where it would be read as code.
 * @see POSIX.1-2024, Shell Command Language, sections 2.2, 2.3, 2.6 and 2.7.4
 */
export function scanShell(text: string, shell: PosixShell): readonly Place[] {
  const scan: Scan = {
    text,
    shell,
    frames: [code(0)],
    places: [],
    documents: [],
    at: 0,
    escapedAt: -1,
  };
  let sure = true;
  while (sure && scan.at < text.length) sure = step(scan);
  const marks = text.split("\0").length - 1;
  while (scan.places.length < marks) scan.places.push("unknown");
  return scan.places;
}

/** Reads one token; false where it is not sure any more. */
function step(scan: Scan): boolean {
  const frame = scan.frames.at(-1);
  if (frame === undefined) return false;
  if (scan.text[scan.at] === "\0") return mark(scan, frame);
  if (scan.text[scan.at] === "\\") return backslash(scan, frame);
  if (scan.text[scan.at] === "$") return dollar(scan);
  if (scan.text[scan.at] === "`") return backticks(scan);
  switch (frame.kind) {
    case "code":
      return codeStep(scan, frame);
    case "double":
      return doubleStep(scan);
    case "parameter":
      return parameterStep(scan);
    case "arithmetic":
      return arithmeticStep(scan, frame);
  }
}

/** Notes where a value would stand. */
function mark(scan: Scan, frame: Frame): boolean {
  scan.places.push(placeOf(scan, frame));
  scan.at += 1;
  return true;
}

function placeOf(scan: Scan, frame: Frame): Place {
  const around = scan.frames.find(({ kind }) => kind !== "code");
  if (around !== undefined && around.kind !== "code") return around.kind;
  const before = scan.at - 1;
  if (scan.text[before] === "$" && scan.escapedAt !== before) return "dollar";
  const word = frame.kind === "code" ? scan.text.slice(frame.wordFrom, scan.at) : "";
  return openSubscript.test(word) ? "subscript" : "word";
}

function backslash(scan: Scan, frame: Frame): boolean {
  const { text, at } = scan;
  if (text[at + 1] === "\0") {
    scan.places.push("backslash");
  } else if (text[at + 1] === "\n") {
    // A broken line can tear `$(`, `<<` or `((` apart, which shells then put together again.
    if (/[$<(]/.test(text[at - 1] ?? "") && scan.escapedAt !== at - 1) return false;
    if (frame.kind === "code" && frame.wordFrom === at) frame.wordFrom = at + 2;
  }
  scan.escapedAt = at + 1;
  scan.at += 2;
  return true;
}

function dollar(scan: Scan): boolean {
  const next = scan.text[scan.at + 1] ?? "";
  const after = scan.text[scan.at + 2] ?? "";
  if (next === "[") return false;
  if (next === "(" && after === "(") return enter(scan, 3, arithmetic());
  // `$(#`: a comment to some, a flag of a glob pattern to others.
  if (next === "(" && after === "#") return false;
  if (next === "(") return enter(scan, 2, code(scan.at + 2));
  // `${ command; }` of ksh and newer bash, and the flags of zsh.
  if (next === "{" && /[\s|(]/.test(after)) return false;
  if (next === "{") return enter(scan, 2, { kind: "parameter" });
  if (next === "'" && !isDoubled(scan)) return ansiQuotes(scan);
  scan.at += /[#$!?*@0-9-]/.test(next) ? 2 : 1;
  return true;
}

/** Whether double quotes are around without a command substitution between. */
function isDoubled(scan: Scan): boolean {
  const inner = scan.frames.findLast(({ kind }) => kind === "code" || kind === "double");
  return inner?.kind === "double";
}

/** `$'…'`: with escapes in bash, ksh and zsh, a `$` before plain quotes in older POSIX shells. */
function ansiQuotes(scan: Scan): boolean {
  const open = scan.at + 1;
  const plainEnd = scan.text.indexOf("'", open + 1);
  let end = open + 1;
  while (end < scan.text.length && scan.text[end] !== "'") end += scan.text[end] === "\\" ? 2 : 1;
  const agreed = end === plainEnd || (scan.shell !== "sh" && scan.shell !== "dash");
  return agreed && scan.frames.at(-1)?.kind !== "arithmetic" && skip(scan, end, "single");
}

function backticks(scan: Scan): boolean {
  let end = scan.at + 1;
  while (end < scan.text.length && scan.text[end] !== "`") end += scan.text[end] === "\\" ? 2 : 1;
  return skip(scan, end, "backticks");
}

function doubleStep(scan: Scan): boolean {
  if (scan.text[scan.at] === '"') scan.frames.pop();
  scan.at += 1;
  return true;
}

function parameterStep(scan: Scan): boolean {
  switch (scan.text[scan.at]) {
    case "'":
      // Between double quotes it depends on the shell and the operator whether this quotes.
      return !isDoubled(scan) && singleQuotes(scan);
    case '"':
      return enter(scan, 1, { kind: "double" });
    case "}":
      scan.frames.pop();
      return character(scan);
    case undefined:
    default:
      return character(scan);
  }
}

/**
 * `((…))` and `$((…))`; it may turn out to be a subshell in parentheses, so what differs is unsure.
 */
function arithmeticStep(scan: Scan, frame: Extract<Frame, { kind: "arithmetic" }>): boolean {
  const { text, at } = scan;
  if (text.startsWith("<<", at)) frame.shifted = true;
  if (text[at] === "(") frame.depth += 1;
  if (text[at] === ")") frame.depth -= 1;
  if (frame.depth === 0) scan.frames.pop();
  scan.at += 1;
  const unsure = /^(?:.['"]|[\s(;&|](?:#|case))/s.test(text.slice(at - 1, at + 4));
  return !unsure && !(frame.shifted && text[at] === "\n");
}
