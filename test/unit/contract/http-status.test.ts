/**
 * Goal: the HTTP status of every error code is the one that CONTRACT section 2 names. Method: a
 * table by hand of the codes that REST can answer; the total map itself is checked by the compiler.
 */
import { expect, it } from "vitest";

import { httpStatus } from "../../../src/contract/http-status.ts";
import type { ErrorCode } from "../../../src/core/errors.ts";

it.each<[ErrorCode, number]>([
  ["BODY_MALFORMED", 400],
  ["FIELD_INVALID", 400],
  ["QUERY_INVALID", 400],
  ["UPLOAD_INVALID", 400],
  ["ENVIRONMENT_INVALID", 400],
  ["VARIABLE_MISSING", 400],
  ["ID_AMBIGUOUS", 400],
  ["TYPE_UNKNOWN", 422],
  ["TYPE_INVALID", 422],
  ["TASK_UNKNOWN", 404],
  ["FILE_UNKNOWN", 404],
  ["ROUTE_UNKNOWN", 404],
  ["TRANSITION_ILLEGAL", 409],
  ["KEY_REUSED", 409],
  ["ORIGIN_FOREIGN", 403],
  ["HOST_FOREIGN", 421],
  ["SPEC_TOO_LARGE", 413],
  ["BODY_TOO_LARGE", 413],
  ["UPLOAD_TOO_LARGE", 413],
  ["QUEUE_FULL", 429],
  ["STREAMS_TOO_MANY", 429],
  ["STORE_UNAVAILABLE", 503],
  ["NODE_STOPPING", 503],
  ["WAIT_TIMEOUT", 504],
  ["INTERNAL", 500],
  ["RECORD_DAMAGED", 500],
])("%s is %i", (code, status) => {
  expect(httpStatus(code)).toBe(status);
});
