import { BlanketError, errorKinds, type ErrorCode, type ErrorDetails } from "../core/errors.ts";

/** No node at that address, or none that can be talked to. `cause` is what the socket said. */
export function unreachable(url: string, cause: unknown): BlanketError {
  const code = systemCode(cause);
  return new BlanketError("NODE_UNREACHABLE", sentence(url, code), { url, reason: code }, cause);
}

/** An answer that no node gives: something else listens there. */
export function notBlanket(url: string, cause?: unknown): BlanketError {
  return new BlanketError(
    "NODE_UNREACHABLE",
    `what answers at ${url} is no Blanket node; name one with -u or BLANKET_URL.`,
    { url, reason: "NOT_BLANKET" },
    cause,
  );
}

/** The error that an answer with a status from 400 on tells of. */
export function answeredError(url: string, status: number, text: string): BlanketError {
  const answer = parseAnswer(text);
  if (answer === undefined) {
    return notBlanket(url, new Error(`status ${status}: ${text.slice(0, 200)}`));
  }
  const { error, code, details } = answer;
  return new BlanketError(isKnown(code) ? code : codeOfStatus(status), error, details);
}

/**
 * Whether the node may answer in a moment what it did not answer now: it restarts, its store is
 * away, or the way to it is broken.
 */
export function mayPass(error: unknown): boolean {
  if (!(error instanceof BlanketError)) return false;
  if (error.code === "NODE_STOPPING" || error.code === "STORE_UNAVAILABLE") return true;
  const reason = error.details["reason"];
  return error.code === "NODE_UNREACHABLE" && reason !== "NOT_BLANKET" && reason !== "ENOTFOUND";
}

interface ErrorAnswer {
  readonly error: string;
  readonly code: string;
  readonly details: ErrorDetails;
}

function parseAnswer(text: string): ErrorAnswer | undefined {
  try {
    const value = JSON.parse(text) as Partial<ErrorAnswer> | null;
    const { error, code, details } = value ?? {};
    if (typeof error !== "string" || typeof code !== "string") return undefined;
    return { error, code, details: details ?? {} };
  } catch {
    return undefined;
  }
}

function isKnown(code: string): code is ErrorCode {
  return Object.hasOwn(errorKinds, code);
}

/** For a code that only a newer node knows: one of ours of the same kind. */
function codeOfStatus(status: number): ErrorCode {
  if (status === 404) return "ROUTE_UNKNOWN";
  if (status === 401 || status === 403) return "ORIGIN_FOREIGN";
  if (status === 409) return "TRANSITION_ILLEGAL";
  if (status === 413) return "BODY_TOO_LARGE";
  if (status === 429) return "QUEUE_FULL";
  if (status === 503) return "STORE_UNAVAILABLE";
  if (status === 504) return "WAIT_TIMEOUT";
  return status < 500 ? "FIELD_INVALID" : "INTERNAL";
}

function sentence(url: string, code: string): string {
  switch (code) {
    case "ECONNREFUSED":
      return `nothing answers at ${url}. Start a node with \`blanket node\`, or name another with -u or BLANKET_URL.`;
    case "ENOTFOUND":
    case "EAI_AGAIN":
      return `the host of ${url} is not known here; name a node with -u or BLANKET_URL.`;
    case "TIMEOUT":
    case "ETIMEDOUT":
      return `${url} does not answer in time; ask again, or name another node with -u or BLANKET_URL.`;
    case "ECONNRESET":
    case "EPIPE":
      return `the connection to ${url} broke off; ask again, or name another node with -u or BLANKET_URL.`;
    default:
      return `${url} can't be asked (${code}); name another node with -u or BLANKET_URL.`;
  }
}

/** A failed connection to a name with several addresses is one error of several. */
function systemCode(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) {
    return systemCode(error.errors[0]);
  }
  return error instanceof Error && "code" in error ? String(error.code) : "error";
}
