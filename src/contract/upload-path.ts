import { BlanketError } from "../core/errors.ts";
import { limits } from "../core/limits.ts";
import { exceedsBytes, hasControlCharacter } from "./text-checks.ts";

/** What the runner itself writes at the root of a task's directory. */
const ownedNames: ReadonlySet<string> = new Set([
  "blanket.stdout.log",
  "blanket.stderr.log",
  "blanket.progress",
]);

/** The longest name of one file or directory on the file systems of today. */
const partBytesMax = 255;

/** The paths of one upload: no two the same, and none inside a file. */
export interface UploadPaths {
  /** Takes the field name of a file part. @throws UPLOAD_INVALID */
  add(fieldName: string): string;
}

/** Collects the places of the files of one task. */
export function createUploadPaths(): UploadPaths {
  const files = new Set<string>();
  const directories = new Set<string>();
  return {
    add(fieldName) {
      const path = checkUploadPath(fieldName);
      if (files.has(path)) throw refused(path, "is there twice; give each file its own name");
      if (directories.has(path)) throw refused(path, "is a file here and a directory there");
      const parts = path.split("/");
      for (let count = 1; count < parts.length; count += 1) {
        const parent = parts.slice(0, count).join("/");
        if (files.has(parent)) throw refused(parent, "is a file here and a directory there");
        directories.add(parent);
      }
      files.add(path);
      return path;
    },
  };
}

/**
 * A field name as a path in the task's directory: relative, `/` between parts, nothing that leads
 * out of it, nothing that the runner writes there itself.
 *
 * @throws UPLOAD_INVALID
 */
export function checkUploadPath(fieldName: string): string {
  if (fieldName === "") throw refused("", "is empty; write -F NAME=@FILE");
  if (exceedsBytes(fieldName, limits.uploadPathBytesMax)) {
    throw refused(fieldName, `is longer than ${limits.uploadPathBytesMax} bytes`);
  }
  if (hasControlCharacter(fieldName)) throw refused(fieldName, "holds a control character");
  if (fieldName.includes("\\"))
    throw refused(fieldName, "holds a backslash; write / between parts");
  if (/^(?:\/|[A-Za-z]:\/)/.test(fieldName)) {
    throw refused(fieldName, "is absolute; name a place in the task's directory");
  }
  const parts = fieldName.split("/");
  for (const part of parts) {
    if (part === "") throw refused(fieldName, "has an empty part; write one / between parts");
    if (part === "." || part === "..")
      throw refused(fieldName, `has a part "${part}", which names no file`);
    if (exceedsBytes(part, partBytesMax)) {
      throw refused(fieldName, `has a part longer than ${partBytesMax} bytes`);
    }
  }
  if (ownedNames.has(parts[0]?.toLowerCase() ?? "")) {
    throw refused(fieldName, "is written by Blanket itself; choose another name");
  }
  return fieldName;
}

function refused(fieldName: string, why: string): BlanketError {
  const named = JSON.stringify(fieldName.slice(0, 80));
  return new BlanketError("UPLOAD_INVALID", `the name of the file part ${named} ${why}.`, {
    name: fieldName.slice(0, limits.uploadPathBytesMax),
  });
}
