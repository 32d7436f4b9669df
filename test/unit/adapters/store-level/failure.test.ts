/**
 * Goal: whatever the database fails with, users read what it was, where, and what to do.
 * Method: errors as Node and LevelDB throw them, wrapped as abstract-level wraps them.
 */
import { describe, expect, it } from "vitest";

import { openFailure, operationFailure } from "../../../../src/adapters/store-level/failure.ts";

function thrown(sentence: string, code?: string): Error {
  const root = Object.assign(new Error(sentence), code === undefined ? {} : { code });
  const wrapped = new Error("Database failed to open", { cause: root });
  return Object.assign(wrapped, { code: "LEVEL_DATABASE_NOT_OPEN" });
}

describe("a database that can't be opened", () => {
  it.each([
    ["EACCES", "LEVEL_IO_ERROR", "IO error: /d/store/LOCK: Permission denied", "the right to read"],
    ["EROFS", "LEVEL_IO_ERROR", "IO error: /d/store/LOCK: Read-only file system", "read-only"],
    ["ENOSPC", "LEVEL_IO_ERROR", "IO error: /d/store/1.log: No space left on device", "free some"],
    ["EIO", "LEVEL_IO_ERROR", "IO error: /d/store/1.log: Input/output error", "kernel's log"],
    ["ENOTDIR", "ENOTDIR", "ENOTDIR: not a directory, mkdir '/d/store'", "a file is in the way"],
    [null, "LEVEL_CORRUPTION", "Corruption: 1 missing files", "restore them from a copy"],
    [null, undefined, "something else", "mend what this names"],
  ])("for %s says so, and what to do", (errno, code, sentence, advice) => {
    const error = thrown(sentence, code);
    const failure = openFailure("/d/store", error);
    expect(failure).toMatchObject({
      code: "STORE_UNREADABLE",
      details: { directory: "/d/store", errno },
      cause: error,
    });
    expect(failure.message).toContain("/d/store");
    expect(failure.message).toContain(sentence);
    expect(failure.message).toContain(advice);
  });

  it("for another owner says so", () => {
    const error = thrown("IO error: lock /d/store/LOCK: already held by process", "LEVEL_LOCKED");
    expect(openFailure("/d/store", error)).toMatchObject({
      code: "STORE_LOCKED",
      details: { directory: "/d/store" },
    });
  });
});

describe("a database that fails while it is open", () => {
  it("is unavailable, whatever was thrown", () => {
    expect(operationFailure("/d/store", "odd")).toMatchObject({
      code: "STORE_UNAVAILABLE",
      details: { errno: null },
    });
  });
});
