import { BlanketError } from "../../core/errors.ts";

/** Errno names with what a user can do about them; every other one is told by its name. */
const advice: Readonly<Record<string, string>> = {
  ENOSPC: "the disk is full; free some space, running tasks go on",
  EDQUOT: "the disk quota is used up; free some space, running tasks go on",
  EROFS: "the disk is read-only; make it writable again",
  EACCES: "permission is missing; give the node's user the right to write there",
  EPERM: "permission is missing; give the node's user the right to write there",
  EIO: "the disk does not work; look at the system's log",
  EMFILE: "too many files are open; raise the limit of open files (ulimit -n)",
  ENFILE: "too many files are open on this machine; raise the system's limit",
};

/** What the disk refused, as an error of Blanket. One that is ours already passes unchanged. */
export function diskFault(error: unknown, path: string): BlanketError {
  if (error instanceof BlanketError) return error;
  const errno = errnoOf(error);
  const why = advice[errno] ?? `it failed with ${errno}`;
  return new BlanketError("STORE_UNAVAILABLE", `${path}: ${why}.`, { path, errno }, error);
}

/** `ENOENT` and the like; `unknown` where the error is not of the system. */
export function errnoOf(error: unknown): string {
  if (!(error instanceof Error) || !("code" in error)) return "unknown";
  return typeof error.code === "string" ? error.code : "unknown";
}

/** Whether there is nothing (nothing readable) at a path, as opposed to a disk that fails. */
export function isAbsence(error: unknown): boolean {
  return absences.has(errnoOf(error));
}

/** ELOOP: a link where none may be; ENXIO: a socket; ENODEV: a device without a driver. */
const absences: ReadonlySet<string> = new Set([
  "ENOENT",
  "ENOTDIR",
  "ELOOP",
  "ENXIO",
  "ENODEV",
  "EACCES",
  "ENAMETOOLONG",
]);
