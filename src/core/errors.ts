/**
 * What kind of failure a code is. Total maps over this union give the HTTP status (contract) and
 * the exit code (cli).
 */
export type ErrorKind =
  | "malformed"
  | "unacceptable"
  | "unknown"
  | "conflict"
  | "forbidden"
  | "misdirected"
  | "too-large"
  | "too-many"
  | "unavailable"
  | "timeout"
  | "usage"
  | "failed"
  | "unreachable"
  | "internal";

/** Every error code with its kind. Append only: a retired code is never used again. */
export const errorKinds = {
  BODY_MALFORMED: "malformed",
  FIELD_INVALID: "malformed",
  QUERY_INVALID: "malformed",
  UPLOAD_INVALID: "malformed",
  ENVIRONMENT_INVALID: "malformed",
  VARIABLE_MISSING: "malformed",
  ID_AMBIGUOUS: "malformed",
  TYPE_UNKNOWN: "unacceptable",
  TYPE_INVALID: "unacceptable",
  TASK_UNKNOWN: "unknown",
  TYPE_NOT_FOUND: "unknown",
  WORKER_UNKNOWN: "unknown",
  NODE_UNKNOWN: "unknown",
  FILE_UNKNOWN: "unknown",
  ROUTE_UNKNOWN: "unknown",
  TRANSITION_ILLEGAL: "conflict",
  KEY_REUSED: "conflict",
  ORIGIN_FOREIGN: "forbidden",
  HOST_FOREIGN: "misdirected",
  SPEC_TOO_LARGE: "too-large",
  BODY_TOO_LARGE: "too-large",
  UPLOAD_TOO_LARGE: "too-large",
  QUEUE_FULL: "too-many",
  STREAMS_TOO_MANY: "too-many",
  STORE_UNAVAILABLE: "unavailable",
  KEEPER_UNAVAILABLE: "unavailable",
  NODE_STOPPING: "unavailable",
  WAIT_TIMEOUT: "timeout",
  RECORD_DAMAGED: "internal",
  INTERNAL: "internal",
  STORE_LOCKED: "usage",
  STORE_NEWER: "usage",
  STORE_UNREADABLE: "usage",
  BIND_INSECURE: "usage",
  PORT_TAKEN: "usage",
  CONFIG_INVALID: "usage",
  COMMAND_INVALID: "usage",
  TASK_FAILED: "failed",
  NODE_UNREACHABLE: "unreachable",
} as const satisfies Record<string, ErrorKind>;

/** A key of {@link errorKinds}. */
export type ErrorCode = keyof typeof errorKinds;

/** Facts for programs beside the sentence for people; JSON values only. */
export type ErrorDetails = Readonly<Record<string, unknown>>;

/**
 * The one error class of Blanket. `message` is one sentence that says what is wrong and what to
 * do; programs match on `code`, never on the message.
 */
export class BlanketError extends Error {
  readonly code: ErrorCode;
  readonly details: ErrorDetails;

  constructor(code: ErrorCode, sentence: string, details: ErrorDetails = {}, cause?: unknown) {
    super(sentence, cause === undefined ? undefined : { cause });
    this.name = "BlanketError";
    this.code = code;
    this.details = details;
  }
}

/** Throws INTERNAL unless `condition` holds: an invariant of ours, not a caller's mistake. */
export function assert(condition: boolean, sentence: string): asserts condition {
  if (!condition) throw new BlanketError("INTERNAL", `This should never happen: ${sentence}.`);
}
