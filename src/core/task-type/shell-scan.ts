import type { PosixShell } from "./executor.ts";
import { readDelimiter, skipDocuments, type HereDocument } from "./shell-document.ts";

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
type Frame =
  | { readonly kind: "code"; readonly list: boolean; depth: number; wordFrom: number }
  | { readonly kind: "double" }
  | { readonly kind: "parameter" }
  | { readonly kind: "arithmetic"; depth: number; shifted: boolean };

type CodeFrame = Extract<Frame, { kind: "code" }>;

interface Scan {
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

/** The beginning of an array element's name, whose subscript is evaluated. */
const openSubscript = /^[A-Za-z_]\w*\[[^\]]*$/;

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
  if (frame.kind === "code") {
    if (openSubscript.test(scan.text.slice(frame.wordFrom, scan.at))) return "subscript";
  }
  return "word";
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

function code(wordFrom: number, list = false): Frame {
  return { kind: "code", list, depth: 0, wordFrom };
}

function arithmetic(): Frame {
  return { kind: "arithmetic", depth: 2, shifted: false };
}

function enter(scan: Scan, length: number, frame: Frame): boolean {
  scan.frames.push(frame);
  scan.at += length;
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

/** Goes past `last`; the marks before it stand in a `place`. */
function skip(scan: Scan, last: number, place: Place): boolean {
  const end = last < 0 ? scan.text.length : last + 1;
  for (; scan.at < end; scan.at += 1) {
    if (scan.text[scan.at] === "\0") scan.places.push(place);
  }
  return true;
}

function backticks(scan: Scan): boolean {
  let end = scan.at + 1;
  while (end < scan.text.length && scan.text[end] !== "`") end += scan.text[end] === "\\" ? 2 : 1;
  return skip(scan, end, "backticks");
}

function singleQuotes(scan: Scan): boolean {
  return skip(scan, scan.text.indexOf("'", scan.at + 1), "single");
}

type CodeHandler = (scan: Scan, frame: CodeFrame) => boolean;

const codeHandlers: Readonly<Record<string, CodeHandler>> = {
  "'": singleQuotes,
  '"': (scan) => enter(scan, 1, { kind: "double" }),
  "#": comment,
  "<": lessThan,
  "(": openParenthesis,
  ")": closeParenthesis,
  "\n": newline,
  " ": separator,
  "\t": separator,
  ";": operator,
  "&": operator,
  "|": operator,
  ">": operator,
  c: caseWord,
};

function codeStep(scan: Scan, frame: CodeFrame): boolean {
  const handler = codeHandlers[scan.text[scan.at] ?? ""] ?? character;
  return handler(scan, frame);
}

function character(scan: Scan): boolean {
  scan.at += 1;
  return true;
}

/** Ends a word. bash goes on reading blanks in the subscript of an assignment: `a[ # "]=1`. */
function separator(scan: Scan, frame: CodeFrame): boolean {
  const sure = !openSubscript.test(scan.text.slice(frame.wordFrom, scan.at));
  scan.at += 1;
  frame.wordFrom = scan.at;
  return sure;
}

/** In a list, `a=(…)`, operators are errors, from which bash recovers in the middle of a value. */
function operator(scan: Scan, frame: CodeFrame): boolean {
  return separator(scan, frame) && !frame.list;
}

/** `case x in a)` has a parenthesis without its partner, which hides the end of `$(…)`. */
function caseWord(scan: Scan, frame: CodeFrame): boolean {
  if (frame.wordFrom === scan.at && scan.text.startsWith("case", scan.at) && isNested(scan)) {
    return false;
  }
  return character(scan);
}

function isNested(scan: Scan): boolean {
  return scan.frames.some(({ kind }) => kind !== "code");
}

function comment(scan: Scan, frame: CodeFrame): boolean {
  if (frame.wordFrom !== scan.at) return character(scan);
  // In parentheses, which may be a pattern's, and after `|`, `<`, `>` and `)` it is not always one.
  if (frame.depth > 0 || /[|<>()]/.test(scan.text[scan.at - 1] ?? "\n")) return false;
  const end = scan.text.indexOf("\n", scan.at);
  return skip(scan, end < 0 ? scan.text.length - 1 : end - 1, "comment");
}

function lessThan(scan: Scan, frame: CodeFrame): boolean {
  if (scan.text[scan.at + 1] !== "<") return operator(scan, frame);
  if (frame.list) return false;
  if (scan.text[scan.at + 2] === "<") {
    scan.at += 2;
    return scan.text[scan.at + 1] !== "<" && separator(scan, frame);
  }
  const read = readDelimiter(scan.text, scan.at + 2, scan.frames.length);
  if (read === undefined) return false;
  scan.documents.push(read.document);
  scan.at = read.end;
  return true;
}

function openParenthesis(scan: Scan, frame: CodeFrame): boolean {
  if (frame.list) return false;
  if (scan.text[scan.at - 1] === "=") return enter(scan, 1, code(scan.at + 1, true));
  if (scan.text[scan.at + 1] === "(") return enter(scan, 2, arithmetic());
  frame.depth += 1;
  return separator(scan, frame);
}

function closeParenthesis(scan: Scan, frame: CodeFrame): boolean {
  if (frame.depth > 0 || scan.frames.length === 1) {
    frame.depth = Math.max(0, frame.depth - 1);
    return separator(scan, frame);
  }
  const level = scan.frames.length;
  if (scan.documents.some((pending) => pending.level === level)) return false;
  scan.frames.pop();
  scan.at += 1;
  return true;
}

function newline(scan: Scan, frame: CodeFrame): boolean {
  if (!separator(scan, frame)) return false;
  if (scan.documents.length === 0) return true;
  const level = scan.frames.length;
  if (scan.documents.some((pending) => pending.level !== level)) return false;
  const end = skipDocuments(scan.text, scan.at, scan.documents);
  if (end === undefined) return false;
  scan.documents = [];
  skip(scan, end - 1, "document");
  frame.wordFrom = scan.at;
  return true;
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

/** `((…))` and `$((…))`; it may turn out to be a subshell in parentheses, so what differs is unsure. */
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
