import { createHash } from "node:crypto";

import { parse, TomlDate, TomlError } from "smol-toml";

import { parseTaskType } from "../../contract/task-type-file.ts";
import type { TypeProblem } from "../../core/task-type/task-type.ts";
import type { TypeEntry } from "../../ports/types.ts";
import { locateKeys, placeProblem } from "./locate-keys.ts";

/** The content of a type file, without where and when it was read. */
export type LoadedType = Omit<TypeEntry, "configFile" | "loadedAt">;

/** A file that cannot be read at all. */
export function unreadableType(name: string, message: string): LoadedType {
  return { name, digest: "", document: null, problems: [{ message }] };
}

/** Reads the bytes of a type file; whatever is wrong with them becomes a problem with its place. */
export function loadType(name: string, bytes: Uint8Array): LoadedType {
  const digest = createHash("sha256").update(bytes).digest("hex");
  const text = decode(bytes);
  if (typeof text !== "string") return { name, digest, document: null, problems: [text] };
  const parsed = parseText(text);
  if (parsed.kind === "problem") {
    return { name, digest, document: null, problems: [parsed.problem] };
  }
  const { document } = parsed;
  const reading = parseTaskType(name, document);
  if (reading.kind === "type") return { name, digest, document, type: reading.type, problems: [] };
  const places = locateKeys(text);
  const problems = reading.problems.map((problem) => placeProblem(problem, places));
  return { name, digest, document, problems };
}

/** The text with Unix line ends, so that a file edited on Windows gives the same command. */
function decode(bytes: Uint8Array): string | TypeProblem {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes).replaceAll("\r\n", "\n");
  } catch {
    const line = bytes.subarray(0, firstBadByte(bytes)).filter((byte) => byte === 0x0a).length + 1;
    return { message: "it is not UTF-8 text: save it in that encoding.", line };
  }
}

/** The first byte that is not UTF-8, found by halving: a prefix is bad once it holds a bad byte. */
function firstBadByte(bytes: Uint8Array): number {
  let good = 0;
  let bad = bytes.length;
  while (bad - good > 1) {
    const middle = (good + bad) >>> 1;
    if (isUtf8Prefix(bytes.subarray(0, middle))) good = middle;
    else bad = middle;
  }
  return good;
}

function isUtf8Prefix(bytes: Uint8Array): boolean {
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(bytes, { stream: true });
    return true;
  } catch {
    return false;
  }
}

type Parsed =
  | { readonly kind: "document"; readonly document: Readonly<Record<string, unknown>> }
  | { readonly kind: "problem"; readonly problem: TypeProblem };

function parseText(text: string): Parsed {
  try {
    const table = parse(text, { unsafeKeyBehaviour: "throw", maxDepth: 32 });
    return { kind: "document", document: jsonTable(table) };
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    const { line, column } = error;
    return { kind: "problem", problem: { message: syntaxMessage(error.message), line, column } };
  }
}

/** The library's first line without its preamble: the excerpt below it repeats the file. */
function syntaxMessage(message: string): string {
  const [first = ""] = message.split("\n");
  return `it is not valid TOML: ${first.replace(/^Invalid TOML document: /, "")}.`;
}

function jsonTable(table: object): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(table).map(([key, value]) => [key, jsonValue(value)]));
}

/** TOML values that JSON lacks (dates, nan, inf) become their text. */
function jsonValue(value: unknown): unknown {
  if (value instanceof TomlDate) return value.toISOString();
  if (typeof value === "number" && !Number.isFinite(value)) return String(value);
  if (Array.isArray(value)) return value.map(jsonValue);
  return typeof value === "object" && value !== null ? jsonTable(value) : value;
}
