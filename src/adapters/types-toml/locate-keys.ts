import type { TypeProblem } from "../../core/task-type/task-type.ts";

/** Where a key stands, and where the text of its value begins; lines and columns from 1. */
interface KeyPlace {
  readonly line: number;
  readonly column: number;
  readonly value?: { readonly line: number; readonly column: number; readonly literal: boolean };
}

/** The places of a file's keys by their path (`environment.default[0].name`). */
export type KeyPlaces = ReadonlyMap<string, KeyPlace>;

const header = /^\s*(\[\[?)\s*([^[\]]+?)\s*\]\]?/;
const assignment =
  /^(\s*)((?:[\w-]+|"[^"]*"|'[^']*')(?:\s*\.\s*(?:[\w-]+|"[^"]*"|'[^']*'))*)\s*=\s*/;

/**
 * Finds tables and keys line by line, which is all that telling a place needs: the parser keeps
 * none. Keys inside inline tables and lists are found at the key that holds them.
 */
export function locateKeys(text: string): KeyPlaces {
  const places = new Map<string, KeyPlace>();
  const tables = new Map<string, number>();
  const lines = text.split("\n");
  let table = "";
  for (let index = 0; index < lines.length; index += 1) {
    const line = lines[index] ?? "";
    const found = header.exec(line);
    if (found !== null) {
      table = tablePath(keyOf(found[2] ?? ""), found[1] === "[[", tables);
      places.set(table, { line: index + 1, column: line.indexOf("[") + 1 });
      continue;
    }
    const key = assignment.exec(line);
    if (key === null) continue;
    const [before = "", indent = "", name = ""] = key;
    const path = table === "" ? keyOf(name) : `${table}.${keyOf(name)}`;
    const value = valuePlace(line.slice(before.length), index + 1, before.length + 1);
    places.set(path, { line: index + 1, column: indent.length + 1, ...(value && { value }) });
    index = lastLine(lines, index, before.length);
  }
  return places;
}

function keyOf(written: string): string {
  return written
    .split(".")
    .map((part) => part.trim().replace(/^(["'])(.*)\1$/, "$2"))
    .join(".");
}

/** `[[environment.default]]` is `environment.default[n]`, with a number of its own each time. */
function tablePath(key: string, repeated: boolean, tables: Map<string, number>): string {
  if (!repeated) return key;
  const count = tables.get(key) ?? 0;
  tables.set(key, count + 1);
  return `${key}[${count}]`;
}

function valuePlace(value: string, line: number, column: number): KeyPlace["value"] {
  const quotes = /^(?:'''|"""|'|")/.exec(value)?.[0];
  if (quotes === undefined) return undefined;
  const literal = quotes.startsWith("'");
  const startsBelow = quotes.length === 3 && value.length === 3;
  return startsBelow
    ? { line: line + 1, column: 1, literal }
    : { line, column: column + quotes.length, literal };
}

/**
 * The last line of the value that begins at `from`: texts of several lines hide what looks like
 * keys.
 */
function lastLine(lines: readonly string[], index: number, from: number): number {
  const quotes = /^(?:'''|""")/.exec((lines[index] ?? "").slice(from))?.[0];
  if (quotes === undefined) return index;
  let rest = (lines[index] ?? "").slice(from + 3);
  for (let at = index; at < lines.length; at += 1) {
    if (rest.includes(quotes)) return at;
    rest = lines[at + 1] ?? "";
  }
  return lines.length;
}

/**
 * The problem with its line in the file: of its key, or of the nearest table around that. The place
 * inside a text counts on from where the text begins; its column only where no escape can shift it.
 */
export function placeProblem(problem: TypeProblem, places: KeyPlaces): TypeProblem {
  const { message, key } = problem;
  if (key === undefined) return { message };
  const place = nearestPlace(key, places);
  if (place === undefined) return { message, key };
  if (problem.line === undefined) return { message, key, line: place.line, column: place.column };
  const { value } = place;
  if (value === undefined) return { message, key, line: place.line };
  const line = value.line + problem.line - 1;
  if (!value.literal || problem.column === undefined) return { message, key, line };
  const column = problem.line === 1 ? value.column + problem.column - 1 : problem.column;
  return { message, key, line, column };
}

function nearestPlace(key: string, places: KeyPlaces): KeyPlace | undefined {
  for (let path = key; path !== ""; path = path.replace(/(?:^|\.)[^.[\]]*$|\[\d+\]$/, "")) {
    const place = places.get(path);
    if (place !== undefined) return place;
  }
  return undefined;
}
