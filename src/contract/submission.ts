import { Compile } from "typebox/compile";

import { durationAdvice, parseDuration } from "../core/duration.ts";
import { BlanketError } from "../core/errors.ts";
import { limits } from "../core/limits.ts";
import { parseTime, timeAdvice } from "../core/parse-time.ts";
import { environmentError, readEnvironment } from "../core/task-type/environment.ts";
import type { Submission } from "../core/task/submission.ts";
import { describeFault } from "./fault.ts";
import { SubmitBody } from "./routes/submit.ts";
import { exceedsBytes, hasControlCharacter, invalid, parseTags } from "./text-checks.ts";

/** A body of `POST /task/` as values; the files come beside it. */
export type ParsedSubmission = Omit<Submission, "files">;

const shape = Compile(SubmitBody);

/**
 * Makes a submission of a decoded body. `headerKey` is the `Idempotency-Key` of the request: the
 * same as the field `key`.
 *
 * @throws BODY_MALFORMED where it is no object
 * @throws FIELD_INVALID for a field that is unknown, missing or wrong
 * @throws ENVIRONMENT_INVALID for a nested value, a NUL byte, a name that is none
 */
export function parseSubmission(body: unknown, headerKey?: string): ParsedSubmission {
  const given = withoutNulls(body);
  const environment = environmentOf(given);
  if (!shape.Check(given)) throw shapeError(given);
  const { type, priority, onLost } = given;
  checkType(type);
  const key = parseKey(given.key, headerKey);
  const notBefore = parseTimeField("notBefore", given.notBefore);
  const expires = parseTimeField("expires", given.expires);
  const timeoutMs = parseTimeout(given.timeout);
  if (notBefore !== undefined && expires !== undefined && expires <= notBefore) {
    throw invalid("expires", "expires is not after notBefore, so the task could never start.");
  }
  return {
    type,
    environment,
    tags: parseTags(given.tags),
    ...(key === undefined ? {} : { key }),
    ...(priority === undefined ? {} : { priority }),
    ...(notBefore === undefined ? {} : { notBefore }),
    ...(expires === undefined ? {} : { expires }),
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
    ...(onLost === undefined ? {} : { onLost }),
  };
}

/** Clients that write every field of a structure send null for what is not set. */
function withoutNulls(body: unknown): unknown {
  if (typeof body !== "object" || body === null || Array.isArray(body)) return body;
  const entries = Object.entries(body);
  if (entries.every(([, value]) => value !== null)) return body;
  return Object.fromEntries(entries.filter(([, value]) => value !== null));
}

/** Read before the shape is checked, since it says which variable is wrong and what to do. */
function environmentOf(given: unknown): Readonly<Record<string, string>> {
  if (typeof given !== "object" || given === null || !Object.hasOwn(given, "environment")) {
    return {};
  }
  const reading = readEnvironment((given as { readonly environment: unknown }).environment);
  if (reading.kind === "problems") throw environmentError(reading.problems);
  return reading.environment;
}

function shapeError(given: unknown): BlanketError {
  const { sentence, field } = describeFault(SubmitBody, shape.Errors(given), given, "field");
  if (field === undefined) return new BlanketError("BODY_MALFORMED", sentence);
  if (field === "type" && sentence.includes("missing")) {
    return invalid(
      field,
      'the field type is missing; name a task type, such as {"type": "bash_task"}.',
    );
  }
  return invalid(field, sentence);
}

function checkType(type: string): void {
  if (type.trim() === "") throw invalid("type", "the field type is empty; name a task type.");
  if (exceedsBytes(type, limits.typeNameBytesMax)) {
    throw invalid("type", `type is longer than ${limits.typeNameBytesMax} bytes; no type is.`);
  }
  if (hasControlCharacter(type) || /[/\\]/.test(type)) {
    throw invalid("type", "type holds / or \\ or a control character; name a type, not a file.");
  }
}

function parseKey(field: string | undefined, header: string | undefined): string | undefined {
  if (field !== undefined && header !== undefined && field !== header) {
    throw invalid("key", "key and the header Idempotency-Key differ; give one of them.");
  }
  const key = field ?? header;
  if (key === undefined) return undefined;
  if (key === "" || exceedsBytes(key, limits.keyBytesMax) || hasControlCharacter(key)) {
    throw invalid(
      "key",
      `key must have 1 to ${limits.keyBytesMax} bytes and no control characters.`,
    );
  }
  return key;
}

function parseTimeField(field: string, given: string | number | undefined): number | undefined {
  if (given === undefined) return undefined;
  const time = parseTime(given);
  if (time !== undefined) return time;
  throw invalid(
    field,
    `${field} is ${JSON.stringify(given).slice(0, 80)}, which is no time; ${timeAdvice}.`,
  );
}

function parseTimeout(given: string | number | undefined): number | undefined {
  if (given === undefined) return undefined;
  const ms = parseDuration(given);
  if (ms !== undefined) return ms;
  const shown = JSON.stringify(given).slice(0, 80);
  throw invalid("timeout", `timeout is ${shown}, which is no duration; ${durationAdvice}.`);
}
