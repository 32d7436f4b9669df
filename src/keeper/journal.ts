import { closeSync, openSync, readFileSync, renameSync, statSync, writeSync } from "node:fs";

import { encodeJournalLine, type JournalLine, parseJournal, type Past } from "./journal-lines.ts";

/**
 * The keeper's own record of what it started and what became of it: lines appended to one file.
 * Not synced: what a power cut takes were processes that it took too.
 */
export interface Journal {
  /** Notes a fact; it is in the file after the next `flush`. */
  append(line: JournalLine): void;
  /** Writes what was noted. Undefined when all of it is in the file, else why not. */
  flush(): string | undefined;
}

/** A journal of 4,000 runs; rewriting what is needed of it takes about a millisecond. */
const largeBytes = 1024 * 1024;

/** What the journal at `path` holds; nothing where there is none. */
export function readJournal(path: string): Past {
  try {
    return parseJournal(readFileSync(path, "utf8"));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    return parseJournal("");
  }
}

/**
 * Opens the journal for writing. It begins anew with `allLines()`, all that needs to be known of
 * the past: so it does when it has grown large, and after a write that failed, which may have torn
 * it.
 */
export function openJournal(path: string, allLines: () => readonly JournalLine[]): Journal {
  let file = rewrite(path, allLines());
  let size = statSync(path).size;
  let compactAt = Math.max(largeBytes, 2 * size);
  let pending = "";
  let isTorn = false;

  function beginAnew(): void {
    const fresh = rewrite(path, allLines());
    closeSync(file);
    file = fresh;
    size = statSync(path).size;
    compactAt = Math.max(largeBytes, 2 * size);
    pending = "";
    isTorn = false;
  }

  function writeOut(): void {
    const bytes = Buffer.from(pending);
    for (let at = 0; at < bytes.length;) at += writeSync(file, bytes, at);
    size += bytes.length;
    pending = "";
  }

  return {
    append(line) {
      if (!isTorn) pending += encodeJournalLine(line);
    },
    flush() {
      try {
        if (isTorn) beginAnew();
        else if (pending !== "") writeOut();
      } catch (error) {
        isTorn = true;
        pending = "";
        return (error as Error).message;
      }
      try {
        if (size >= compactAt) beginAnew();
      } catch {
        // The file is whole as it is; it is tried again when it has grown by as much once more.
        compactAt += largeBytes;
      }
      return undefined;
    },
  };
}

/** Puts a new journal in the place of the old one, whole or not at all. */
function rewrite(path: string, lines: readonly JournalLine[]): number {
  const file = openSync(`${path}.new`, "w", 0o600);
  let rest = Buffer.from(lines.map(encodeJournalLine).join(""));
  try {
    while (rest.length > 0) rest = rest.subarray(writeSync(file, rest));
    renameSync(`${path}.new`, path);
  } catch (error) {
    closeSync(file);
    throw error;
  }
  return file;
}
