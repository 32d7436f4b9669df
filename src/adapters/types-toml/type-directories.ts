import { readdirSync } from "node:fs";

import { limits } from "../../core/limits.ts";
import type { Log } from "../../ports/log.ts";
import { errorCode, unreadableMessage } from "./file-errors.ts";

const extension = ".toml";

/** A type file's name without `.toml`, and the first directory that has it. */
export interface ListedFile {
  readonly stem: string;
  readonly directory: string;
}

/** The file of a type in a directory. */
export function typeFileName(stem: string): string {
  return stem + extension;
}

/**
 * Lists the type files of some directories; a missing directory has none. Trouble is logged once,
 * and again only after it has changed.
 */
export function createTypeDirectories(
  log: Log,
  directories: readonly string[],
): () => readonly ListedFile[] {
  const told = new Map<string, string>();

  const tell = (about: string, trouble: string) => {
    if (trouble !== "" && told.get(about) !== trouble) log.warn(trouble);
    told.set(about, trouble);
  };

  const stemsOf = (directory: string): readonly string[] => {
    try {
      const stems = readdirSync(directory).flatMap(stemOf).toSorted();
      tell(directory, "");
      return stems;
    } catch (error) {
      const code = errorCode(error);
      const why = code === "ENOENT" ? "" : unreadableMessage(code);
      tell(directory, why && `no task types are read from ${directory}: ${why}`);
      return [];
    }
  };

  return () => {
    const first = new Map<string, string>();
    for (const directory of directories) {
      for (const stem of stemsOf(directory)) if (!first.has(stem)) first.set(stem, directory);
    }
    const files = [...first].map(([stem, directory]) => ({ stem, directory }));
    const tooMany = files.length > limits.typeFilesMax;
    tell(
      "number",
      tooMany
        ? `only ${limits.typeFilesMax} of ${files.length} task types are listed: remove some files.`
        : "",
    );
    return tooMany ? files.slice(0, limits.typeFilesMax) : files;
  };
}

/** Files that begin with a dot are those of editors. */
function stemOf(file: string): string[] {
  return file.endsWith(extension) && !file.startsWith(".")
    ? [file.slice(0, -extension.length)]
    : [];
}
