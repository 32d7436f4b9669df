import { errorKinds, type ErrorCode, type ErrorKind } from "../core/errors.ts";

/** What a command ends with (CONTRACT section 1). */
const exitCodeOfKind: Readonly<Record<ErrorKind, number>> = {
  failed: 1,
  timeout: 1,
  unavailable: 1,
  internal: 1,
  "too-many": 1,
  usage: 2,
  malformed: 2,
  unacceptable: 2,
  "too-large": 2,
  unreachable: 3,
  unknown: 4,
  conflict: 5,
  forbidden: 5,
  misdirected: 5,
};

/** The exit code for an error code. */
export function exitCode(code: ErrorCode): number {
  return exitCodeOfKind[errorKinds[code]];
}
