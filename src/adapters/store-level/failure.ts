import { BlanketError } from "../../core/errors.ts";

/** LevelDB gives the C library's sentence instead of the number. */
const errnoOfSentence: readonly (readonly [sentence: string, errno: string])[] = [
  ["No space left on device", "ENOSPC"],
  ["Disk quota exceeded", "EDQUOT"],
  ["Input/output error", "EIO"],
  ["Read-only file system", "EROFS"],
  ["Permission denied", "EACCES"],
  ["Operation not permitted", "EPERM"],
  ["Too many open files", "EMFILE"],
  ["No such file or directory", "ENOENT"],
  ["Not a directory", "ENOTDIR"],
  ["Is a directory", "EISDIR"],
  ["File too large", "EFBIG"],
  ["Stale file handle", "ESTALE"],
];

const adviceOfErrno: ReadonlyMap<string, string> = new Map([
  ["ENOSPC", "the disk is full: free some space"],
  ["EDQUOT", "the disk quota is used up: free some space"],
  ["EIO", "the disk fails: look at the kernel's log"],
  ["EROFS", "the disk is mounted read-only"],
  ["EACCES", "give this user the right to read and write it, or name another --data directory"],
  ["EPERM", "give this user the right to read and write it, or name another --data directory"],
  ["EMFILE", "too many files are open: raise `ulimit -n`"],
  ["EEXIST", "a file is in the way: name another --data directory"],
  ["ENOTDIR", "a file is in the way: name another --data directory"],
]);

const corruptAdvice =
  "its files are damaged or of another program: restore them from a copy, or move them away to start empty";

const otherAdvice = "mend what this names, or name another --data directory";

/** Whether the database itself says that its files are damaged. */
export function isCorruption(error: unknown): boolean {
  return rootOf(error).code === "LEVEL_CORRUPTION";
}

/** Why the database in `directory` could not be opened at the start. */
export function openFailure(directory: string, error: unknown): BlanketError {
  const { code, message } = rootOf(error);
  if (code === "LEVEL_LOCKED") return lockedFailure(directory, error);
  const errno = errnoOf(error);
  return new BlanketError(
    "STORE_UNREADABLE",
    `The database in ${directory} can't be opened (${message}); ${adviceOf(errno, error)}.`,
    { directory, errno },
    error,
  );
}

/** `cause` is absent where this very process has it open. */
export function lockedFailure(directory: string, cause?: unknown): BlanketError {
  return new BlanketError(
    "STORE_LOCKED",
    `The database in ${directory} is in use by another process, most likely a node that runs already; stop that, or name another --data directory.`,
    { directory },
    cause,
  );
}

/** Why nothing can be stored or read any more, until the database is opened again. */
export function operationFailure(directory: string, error: unknown): BlanketError {
  const errno = errnoOf(error);
  return new BlanketError(
    "STORE_UNAVAILABLE",
    `The database in ${directory} failed (${rootOf(error).message}); ${adviceOf(errno, error)}.`,
    { directory, errno },
    error,
  );
}

function adviceOf(errno: string | null, error: unknown): string {
  const known = errno === null ? undefined : adviceOfErrno.get(errno);
  return known ?? (isCorruption(error) ? corruptAdvice : otherAdvice);
}

/** The name of the system's error number (`ENOSPC`), where one is behind the error. */
function errnoOf(error: unknown): string | null {
  const { code, message } = rootOf(error);
  if (code !== undefined && /^E[A-Z0-9]+$/.test(code)) return code;
  return errnoOfSentence.find(([sentence]) => message.includes(sentence))?.[1] ?? null;
}

/** abstract-level wraps what made an opening fail; the innermost error says it. */
function rootOf(error: unknown): { readonly code: string | undefined; readonly message: string } {
  let root = error;
  while (root instanceof Error && root.cause !== undefined) root = root.cause;
  if (!(root instanceof Error)) return { code: undefined, message: String(root) };
  const code = "code" in root && typeof root.code === "string" ? root.code : undefined;
  return { code, message: root.message };
}
