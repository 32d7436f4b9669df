import { constants } from "node:fs";
import { copyFile, glob, mkdir, readdir, stat } from "node:fs/promises";
import { dirname, join, posix } from "node:path";

import { BlanketError } from "../../core/errors.ts";
import { limits } from "../../core/limits.ts";
import type { DirectoryPlan } from "../../ports/files.ts";
import { diskFault, errnoOf, isAbsence } from "./fault.ts";

/** Destination in the task's directory, with the file that is copied there. */
type Placement = Map<string, string>;

/** Copies go on side by side, up to this many: the pool of file operations has four threads. */
const copiesAtOnce = 4;

/**
 * Copies includes and uploads into `directory`, which is new and empty: no link can be in the way,
 * and none is made. Copies, because a task may write to its files. An upload wins over an include
 * of the same name: it is nearer to the one who asked.
 */
export async function placeFiles(
  directory: string,
  plan: DirectoryPlan,
  blobPath: (sha256: string) => string,
): Promise<void> {
  const placement: Placement = new Map();
  for (const [pattern, destination] of plan.include) {
    await include(placement, plan.includeFrom, pattern, destination);
  }
  for (const { path, sha256 } of plan.files) placement.set(contained(path), blobPath(sha256));
  const entries = [...placement];
  for (let next = 0; next < entries.length; next += copiesAtOnce) {
    const group = entries.slice(next, next + copiesAtOnce);
    await Promise.all(group.map(([path, source]) => copy(source, directory, path)));
  }
}

async function copy(source: string, directory: string, path: string): Promise<void> {
  const target = join(directory, path);
  try {
    if (path.includes("/")) await mkdir(dirname(target), { recursive: true });
    await copyFile(source, target, constants.COPYFILE_FICLONE);
  } catch (error) {
    throw copyFault(error, source, path);
  }
}

function copyFault(error: unknown, source: string, path: string): BlanketError {
  const refused = (why: string) =>
    new BlanketError("FILE_UNKNOWN", `${path} ${why}.`, { path, source }, error);
  switch (errnoOf(error)) {
    case "ENOENT":
      return refused("is not on this node any more; submit the task with it again");
    case "EEXIST":
    case "ENOTDIR":
    case "EISDIR":
      return refused("is to be a file and a directory at once; rename one of the two");
  }
  return diskFault(error, source);
}

/** `..` and absolute paths were refused long before; nothing may depend on that. */
function contained(path: string): string {
  const normal = posix.normalize(path);
  const isOut = normal === ".." || normal.startsWith("../") || normal.startsWith("/");
  if (!isOut && normal !== "." && !path.includes("\0")) return normal;
  throw new BlanketError(
    "FILE_UNKNOWN",
    `${JSON.stringify(path)} is no place in the task's directory; use a relative path below it.`,
    { path },
  );
}

/**
 * Directories below the fixed part of the pattern are kept: `lib/*` puts `lib/a/b.py` at `a/b.py`.
 * A pattern with `**` names each file itself; any other takes a directory with all that is in it.
 */
async function include(
  placement: Placement,
  from: string,
  pattern: string,
  destination: string,
): Promise<void> {
  const fixed = fixedPart(pattern);
  let found = 0;
  for await (const match of glob(pattern, { cwd: from })) {
    found += 1;
    const source = join(from, match);
    const path = posix.join(destination, posix.relative(fixed, match));
    await includeAt(placement, source, path, !pattern.includes("**"));
  }
  if (found > 0 || hasWildcard(pattern)) return;
  throw new BlanketError(
    "FILE_UNKNOWN",
    `files_to_include names ${pattern}, which is not in ${from}; put it there.`,
    { pattern, from },
  );
}

/** Devices, sockets and the like are left out, and links to directories: they may form circles. */
async function includeAt(
  placement: Placement,
  source: string,
  path: string,
  takesDirectories: boolean,
): Promise<void> {
  const found = await statOf(source);
  if (found === undefined) return;
  if (found.isFile()) addFile(placement, path, source);
  if (!found.isDirectory() || !takesDirectories) return;
  for (const entry of await readdir(source, { withFileTypes: true })) {
    const below = join(source, entry.name);
    const isLinkedDirectory = entry.isSymbolicLink() && (await statOf(below))?.isDirectory();
    if (isLinkedDirectory === true) continue;
    await includeAt(placement, below, posix.join(path, entry.name), true);
  }
}

function addFile(placement: Placement, path: string, source: string): void {
  placement.set(contained(path), source);
  if (placement.size <= limits.includeFilesMax) return;
  throw new BlanketError(
    "FILE_UNKNOWN",
    `files_to_include names more than ${limits.includeFilesMax} files; pack them into one archive.`,
    { includeFilesMax: limits.includeFilesMax },
  );
}

async function statOf(path: string) {
  try {
    return await stat(path);
  } catch (error) {
    if (isAbsence(error)) return undefined;
    throw diskFault(error, path);
  }
}

const wildcard = /[*?[\]{}!()]/;

function hasWildcard(pattern: string): boolean {
  return wildcard.test(pattern);
}

/** The leading directories of a pattern that have no wildcard, without its last part. */
function fixedPart(pattern: string): string {
  const parts = pattern.split("/");
  const firstWild = parts.findIndex(hasWildcard);
  return parts.slice(0, firstWild === -1 ? parts.length - 1 : firstWild).join("/");
}
