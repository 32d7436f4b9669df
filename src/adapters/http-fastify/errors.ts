import type { FastifyReply, FastifyRequest } from "fastify";
import type { Static } from "typebox";

import { httpStatus } from "../../contract/http-status.ts";
import type { ErrorAnswer } from "../../contract/routes/shared.ts";
import { BlanketError, type ErrorCode } from "../../core/errors.ts";
import { limits } from "../../core/limits.ts";
import type { Log } from "../../ports/log.ts";
import type { Metrics } from "../../ports/metrics.ts";
import { discardRest } from "./unread.ts";

/** Seconds after which a refusal for lack of room or of the store is worth another try. */
const retryAfterSeconds = 1;

/** An error as REST answers it. */
interface Refusal {
  readonly status: number;
  readonly body: Static<typeof ErrorAnswer>;
}

/**
 * The one place where errors become answers. What is our own fault is logged, without its request.
 */
export function createErrorHandler({ log, metrics }: { log: Log; metrics: Metrics }) {
  return (error: unknown, request: FastifyRequest, reply: FastifyReply): void => {
    const { status, body } = errorAnswer(error);
    if (status === 500) {
      log.error("a request failed", {
        method: request.method,
        route: request.routeOptions.url,
        error,
      });
    } else if (status !== 404) metrics.count("requests_refused_total", [body.code]);
    if (status === 429 || status === 503) reply.header("retry-after", retryAfterSeconds);
    removeBodyHeaders(reply);
    discardRest(request.raw);
    reply
      .code(status)
      .header("x-content-type-options", "nosniff")
      .type("application/json; charset=utf-8")
      .send(JSON.stringify(body));
  };
}

/** `connection`: fastify would cut one whose body it did not read; see {@link discardRest}. */
const bodyHeaders = [
  "connection",
  "content-length",
  "content-disposition",
  "content-range",
  "accept-ranges",
];

/** An answer begun for a file must not lend its headers to an error. */
function removeBodyHeaders(reply: FastifyReply): void {
  for (const name of bodyHeaders) if (reply.hasHeader(name)) reply.removeHeader(name);
}

/** Status and body for whatever was thrown. */
function errorAnswer(error: unknown): Refusal {
  const { code, message, details } = toBlanketError(error);
  return { status: httpStatus(code), body: { error: message, code, details } };
}

function toBlanketError(error: unknown): BlanketError {
  if (error instanceof BlanketError) return error;
  const foreign = error as { readonly code?: unknown; readonly statusCode?: unknown };
  const known = typeof foreign.code === "string" ? frameworkErrors[foreign.code] : undefined;
  if (known !== undefined) return new BlanketError(known[0], known[1], {}, error);
  const { statusCode } = foreign;
  if (typeof statusCode === "number" && statusCode >= 400 && statusCode < 500) {
    const sentence = "the request is malformed; send it again as docs/rest.md describes.";
    return new BlanketError("BODY_MALFORMED", sentence, {}, error);
  }
  const sentence = "something went wrong inside the node; its log says what.";
  return new BlanketError("INTERNAL", sentence, {}, error);
}

const kib = limits.bodyBytesMax / 1_024;
const uploadCount: readonly [ErrorCode, string] = [
  "UPLOAD_TOO_LARGE",
  `an upload has at most ${limits.uploadFilesMax} files; pack them into one archive.`,
];

/** What fastify and its multipart parser refuse by themselves, in our words. */
const frameworkErrors: Readonly<Record<string, readonly [ErrorCode, string]>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: [
    "BODY_TOO_LARGE",
    `a body has at most ${kib} KiB; upload large content as a file (-F name=@file).`,
  ],
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: [
    "BODY_MALFORMED",
    "the body is not as long as its Content-Length says; send it again.",
  ],
  FST_ERR_BAD_URL: ["QUERY_INVALID", "the path is not valid percent-encoding; write % as %25."],
  FST_ERR_MAX_PARAM_LENGTH: ["ROUTE_UNKNOWN", "the path is longer than any that is served."],
  FST_REQ_FILE_TOO_LARGE: [
    "UPLOAD_TOO_LARGE",
    `a file has at most ${limits.uploadBytesMax / 1_048_576} MiB.`,
  ],
  FST_PARTS_LIMIT: uploadCount,
  FST_FILES_LIMIT: uploadCount,
  FST_FIELDS_LIMIT: ["UPLOAD_INVALID", "an upload has one form field, data, and file parts."],
  FST_MP_PREMATURE_CLOSE: ["UPLOAD_INVALID", "the upload broke off; send it again."],
  FST_PROTO_VIOLATION: ["UPLOAD_INVALID", "a part has a name that can't be used; rename it."],
  FST_INVALID_JSON_FIELD_ERROR: [
    "BODY_MALFORMED",
    'the form field data is not JSON; send -F data=\'{"type": "bash_task"}\'.',
  ],
};
