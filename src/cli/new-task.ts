import { existsSync } from "node:fs";

import type { UploadFile } from "../client/multipart.ts";
import { durationAdvice, parseDuration } from "../core/duration.ts";
import { BlanketError } from "../core/errors.ts";
import { parseTime, timeAdvice } from "../core/parse-time.ts";
import { rfc3339 } from "../core/rfc3339.ts";
import { invalidFlag } from "./read-flag.ts";

/**
 * Variables of `-e`: `NAME=VALUE`, `NAME` alone for the value that it has here, or an object of
 * JSON as the original Blanket takes it. Later ones win.
 *
 * @throws COMMAND_INVALID
 */
export function readVariables(
  words: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
): Readonly<Record<string, unknown>> {
  const variables: Record<string, unknown> = {};
  for (const word of words) Object.assign(variables, readVariable(word, environment));
  return variables;
}

function readVariable(
  word: string,
  environment: Readonly<Record<string, string | undefined>>,
): object {
  if (word.trimStart().startsWith("{")) return readJsonObject(word);
  const equals = word.indexOf("=");
  if (equals > 0) return { [word.slice(0, equals)]: word.slice(equals + 1) };
  const value = environment[word];
  if (equals < 0 && value !== undefined) return { [word]: value };
  const advice =
    equals === 0
      ? "write NAME=VALUE"
      : "write NAME=VALUE, or the name of a variable that is set here";
  throw invalidFlag("-e", word, advice);
}

function readJsonObject(word: string): object {
  try {
    return JSON.parse(word) as object;
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : "it does not parse";
    throw new BlanketError(
      "COMMAND_INVALID",
      `-e begins like JSON and is none (${why}); write -e '{"NAME": "VALUE"}' or -e NAME=VALUE.`,
      {},
      cause,
    );
  }
}

/** `PATH[:DEST]`: a colon in a path that is there as a whole is part of it. */
export function readUpload(word: string): UploadFile {
  const colon = word.lastIndexOf(":");
  const path = colon <= 0 || existsSync(word) ? word : word.slice(0, colon);
  const destination = path === word ? word.slice(word.lastIndexOf("/") + 1) : word.slice(colon + 1);
  if (path !== "" && destination !== "") return { path, destination };
  throw invalidFlag(
    "-f",
    word,
    "write PATH, or PATH:DEST for another place in the task's directory",
  );
}

/**
 * When a task may start: `--in` counts from now, `--at` is a time.
 *
 * @throws COMMAND_INVALID
 */
export function readStart(
  delay: string | undefined,
  at: string | undefined,
  now: number,
): string | undefined {
  if (delay !== undefined && at !== undefined) {
    throw new BlanketError("COMMAND_INVALID", "--in and --at both say when; give one.");
  }
  if (delay !== undefined) {
    const ms = parseDuration(delay);
    if (ms === undefined) throw invalidFlag("--in", delay, durationAdvice);
    return rfc3339(now + ms);
  }
  if (at === undefined) return undefined;
  const time = parseTime(at);
  if (time === undefined) throw invalidFlag("--at", at, timeAdvice);
  return rfc3339(time);
}

const plainWord = /^[\w@%+:,./-]+$/;

/**
 * Words as one line for a shell, which reads the same words again. One word alone is a line
 * already: `blanket run 'make && make test'`.
 */
export function shellLine(words: readonly string[]): string {
  const [only] = words;
  if (words.length === 1 && only !== undefined) return only;
  return words
    .map((word) => (plainWord.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`))
    .join(" ");
}
