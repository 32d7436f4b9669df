import { readDelimiter, skipDocuments } from "./shell-document.ts";
import {
  arithmetic,
  character,
  code,
  enter,
  singleQuotes,
  skip,
  type CodeFrame,
  type Scan,
} from "./shell-state.ts";

/** The beginning of an array element's name, whose subscript is evaluated. */
export const openSubscript = /^[A-Za-z_]\w*\[[^\]]*$/;

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

/** Reads one token of a command. */
export function codeStep(scan: Scan, frame: CodeFrame): boolean {
  const handler = codeHandlers[scan.text[scan.at] ?? ""] ?? character;
  return handler(scan, frame);
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
