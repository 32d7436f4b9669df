import type { TaskId } from "../core/ids.ts";
import type { RunEnd } from "../core/journal.ts";

/**
 * Readers of the fields of a parsed JSON line, by hand: the keeper must stay small, so it has no
 * schema library. Each throws {@link LineFault}, which the reader of the whole line turns into a
 * value.
 */
export type Fields = Readonly<Record<string, unknown>>;

/** A line that is not what it says it is. */
export class LineFault extends Error {}

/** The object in a line of JSON. */
export function fieldsOf(line: string): Fields {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (cause) {
    throw new LineFault("it is not JSON", { cause });
  }
  return objectOf(value, "the line");
}

/** `value` as an object of fields. */
export function objectOf(value: unknown, name: string): Fields {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Fields;
  throw new LineFault(`${name} is not an object`);
}

/** A text. */
export function textOf(fields: Fields, name: string): string {
  const value = fields[name];
  if (typeof value === "string") return value;
  throw new LineFault(`${name} is not a text`);
}

/** A whole number from 0 up to 2^53 - 1. */
export function countOf(fields: Fields, name: string): number {
  const value = fields[name];
  if (typeof value === "number" && Number.isSafeInteger(value) && value >= 0) return value;
  throw new LineFault(`${name} is not a whole number from 0`);
}

/** Which attempt of which task a line is about. */
export interface RunName {
  readonly id: TaskId;
  readonly attempt: number;
}

/** The attempt that a line is about. */
export function runNameOf(fields: Fields): RunName {
  return { id: textOf(fields, "id") as TaskId, attempt: countOf(fields, "attempt") };
}

const causes = {
  exited: true,
  timedout: true,
  stopped: true,
  unstartable: true,
  lost: true,
} as const satisfies Record<RunEnd["cause"], true>;

/** How a run ended. */
export function endOf(fields: Fields, name: string): RunEnd {
  const end = objectOf(fields[name], name);
  const cause = textOf(end, "cause");
  if (!Object.hasOwn(causes, cause)) throw new LineFault("cause is not known");
  return {
    cause: cause as RunEnd["cause"],
    at: countOf(end, "at"),
    ...(end["exitCode"] === undefined ? {} : { exitCode: countOf(end, "exitCode") }),
    ...(end["signal"] === undefined ? {} : { signal: textOf(end, "signal") }),
    ...(end["reason"] === undefined ? {} : { reason: textOf(end, "reason") }),
  };
}
