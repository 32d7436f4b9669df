import { BlanketError } from "../../core/errors.ts";
import { isSecretName, masked } from "../../core/task-type/mask.ts";
import type { LogFields } from "../../ports/log.ts";

/** Bounds of one line, whatever somebody hands in as a field. */
const textMax = 2_000;
const itemsMax = 50;
const depthMax = 4;

/** What pino itself writes; a field of that name would be there twice. */
const ownNames: ReadonlySet<string> = new Set(["level", "time", "message"]);

/**
 * Fields as they may be logged: values of names that look secret are hidden, texts, lists and depth
 * are cut, errors become plain data with their causes. The stack is told only of an error that
 * nobody expected.
 */
export function shownFields(fields: LogFields): Record<string, unknown> {
  const entries = Object.entries(shownMembers(fields, 0));
  return Object.fromEntries(
    entries.map(([name, value]) => [ownNames.has(name) ? `field.${name}` : name, value]),
  );
}

function shownMembers(members: object, depth: number): Record<string, unknown> {
  const entries = Object.entries(members).slice(0, itemsMax);
  return Object.fromEntries(
    entries.map(([name, value]) => [name, isSecretName(name) ? masked : shown(value, depth + 1)]),
  );
}

function shown(value: unknown, depth: number): unknown {
  if (typeof value === "string") return cut(value);
  if (typeof value === "bigint") return String(value);
  if (typeof value !== "object" || value === null) return value;
  if (depth > depthMax) return "[…]";
  if (value instanceof Error) return shownError(value, depth);
  if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`;
  if (!Array.isArray(value)) return shownMembers(value, depth);
  const items = value.slice(0, itemsMax).map((item) => shown(item, depth + 1));
  return value.length > itemsMax ? [...items, `… ${value.length - itemsMax} more`] : items;
}

function shownError(error: Error, depth: number): Record<string, unknown> {
  return {
    ...("code" in error ? { code: error.code } : {}),
    message: cut(error.message),
    ...(error instanceof BlanketError ? shownMembers({ details: error.details }, depth) : {}),
    ...(error instanceof BlanketError ? {} : { stack: cut(error.stack ?? "") }),
    ...(error.cause === undefined ? {} : { cause: shown(error.cause, depth + 1) }),
  };
}

function cut(text: string): string {
  if (text.length <= textMax) return text;
  return `${text.slice(0, textMax)}… ${text.length - textMax} more`;
}
