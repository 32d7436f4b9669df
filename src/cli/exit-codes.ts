import { errorKinds, type ErrorCode, type ErrorKind } from "../core/errors.ts";

/** The exit code of each kind of failure (CONTRACT section 1). */
const exitCodeOfKind: Readonly<Record<ErrorKind, number>> = {
  malformed: 2,
  unacceptable: 2,
  unknown: 4,
  conflict: 5,
  forbidden: 5,
  misdirected: 5,
  "too-large": 2,
  "too-many": 1,
  unavailable: 1,
  timeout: 1,
  usage: 2,
  failed: 1,
  unreachable: 3,
  internal: 1,
};

/** What a command that ends with this error exits with. */
export function exitCode(code: ErrorCode): number {
  return exitCodeOfKind[errorKinds[code]];
}
