import { errorKinds, type ErrorCode, type ErrorKind } from "../core/errors.ts";

/**
 * The HTTP status of each kind of failure (CONTRACT section 2). The last four kinds belong to the
 * command line: meeting one behind REST is a fault of ours or of a peer, never of the caller.
 */
const statusOfKind: Readonly<Record<ErrorKind, number>> = {
  malformed: 400,
  unacceptable: 422,
  unknown: 404,
  conflict: 409,
  forbidden: 403,
  misdirected: 421,
  "too-large": 413,
  "too-many": 429,
  unavailable: 503,
  timeout: 504,
  internal: 500,
  usage: 500,
  failed: 500,
  unreachable: 502,
};

/** The HTTP status that REST answers an error code with. */
export function httpStatus(code: ErrorCode): number {
  return statusOfKind[errorKinds[code]];
}
