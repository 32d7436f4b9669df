import { closeSync, openSync, readFileSync, renameSync, statSync, writeSync } from "node:fs";

import { encodeJournalLine, type JournalLine, parseJournal, type Past } from "./journal-lines.ts";

/**
 * The keeper's own record of what it started and what became of it: lines appended to one file.
 * Not synced: what a power cut takes were processes that it took too.
 */
export interface Journal {
  /** Notes a fact; it is in the file after the next `flush`. */
  append(line: JournalLine): void;
  /** Writes what was noted. Undefined when all of it is in the file, else why not; it is kept. */
  flush(): string | undefined;
  /** Writes the journal anew when it has grown large, with only what is still needed. */
  compactIfLarge(allLines: () => readonly JournalLine[]): void;
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

/** Opens the journal for writing, beginning it anew with `needed`: a torn end is gone with that. */
export function openJournal(path: string, needed: readonly JournalLine[]): Journal {
  let file = rewrite(path, needed);
  let size = statSync(path).size;
  let compactAt = Math.max(largeBytes, 2 * size);
  let pending = "";
  let unwritten: Buffer | undefined;

  function writeOut(): void {
    if (unwritten === undefined) {
      unwritten = Buffer.from(pending);
      pending = "";
    }
    while (unwritten.length > 0) {
      const written = writeSync(file, unwritten);
      size += written;
      unwritten = unwritten.subarray(written);
    }
    unwritten = undefined;
  }

  function flush(): string | undefined {
    try {
      while (pending !== "" || unwritten !== undefined) writeOut();
      return undefined;
    } catch (error) {
      return (error as Error).message;
    }
  }

  return {
    append(line) {
      pending += encodeJournalLine(line);
    },
    flush,
    compactIfLarge(allLines) {
      if (size < compactAt || flush() !== undefined) return;
      try {
        const fresh = rewrite(path, allLines());
        closeSync(file);
        file = fresh;
        size = statSync(path).size;
      } catch {
        // The old file is whole and open: it goes on growing until there is room for a new one.
      }
      compactAt = Math.max(largeBytes, 2 * size);
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
