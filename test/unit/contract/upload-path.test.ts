/**
 * Goal: whatever a client names a file part, its path stays inside the task's directory. Method:
 * random names made of the pieces that attacks are made of; whatever is accepted is resolved by the
 * platform's own path functions, POSIX and Windows, and must stay inside.
 */
import { posix, win32 } from "node:path";

import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { checkUploadPath, createUploadPaths } from "../../../src/contract/upload-path.ts";
import { BlanketError } from "../../../src/core/errors.ts";

const pieces = ["..", ".", "/", "\\", "a", "b.txt", "C:", "\0", "~", "blanket.", "%2e", " ", "ü"];

function accepted(name: string): string | undefined {
  try {
    return checkUploadPath(name);
  } catch (error) {
    if (error instanceof BlanketError && error.code === "UPLOAD_INVALID") return undefined;
    throw error;
  }
}

describe("checkUploadPath", () => {
  it("never lets a path out", () => {
    const names = fc
      .array(fc.constantFrom(...pieces), { maxLength: 12 })
      .map((all) => all.join(""));
    expect(() => {
      fc.assert(
        fc.property(names, (name) => {
          const path = accepted(name);
          if (path === undefined) return;
          const inside = posix.resolve("/data/results/id", path);
          if (inside !== `/data/results/id/${path}`) throw new Error(`${path} is ${inside}`);
          const windows = win32.resolve("D:\\data", path);
          if (!windows.startsWith("D:\\data\\") && !path.includes(":")) throw new Error(windows);
        }),
        { numRuns: 2_000 },
      );
    }).not.toThrow();
  });

  it.each(["blanket.json", "blanket.toml", "a/blanket.stdout.log", ".hidden", "a b", "..a", "x:y"])(
    "takes %s as it is",
    (name) => {
      expect(checkUploadPath(name)).toBe(name);
    },
  );
});

describe("createUploadPaths", () => {
  it("takes siblings of one directory, and refuses what is there already", () => {
    const paths = createUploadPaths();
    expect([paths.add("a/b"), paths.add("a/c"), paths.add("d")]).toEqual(["a/b", "a/c", "d"]);
    for (const name of ["a/b", "a", "d/e", "a/b/c"]) {
      expect(() => paths.add(name)).toThrow("the name of the file part");
    }
  });
});
