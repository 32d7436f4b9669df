import { join, resolve } from "node:path";

import { isTypeName, typeNameAdvice } from "../../core/task-type/type-name.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Log } from "../../ports/log.ts";
import type { TypeEntry, Types } from "../../ports/types.ts";
import { unreadableType } from "./load-type.ts";
import { createTypeCache } from "./type-cache.ts";
import { createTypeDirectories, typeFileName } from "./type-directories.ts";

export interface TomlTypesDeps {
  readonly clock: Clock;
  readonly log: Log;
}

export interface TomlTypesOptions {
  /**
   * Where type files are looked for; the first that has a name wins, missing ones are passed over.
   */
  readonly directories: readonly string[];
}

const namesFreshMs = 1_000;

/** Task types read from TOML files, each again when its file has changed. */
export function createTomlTypes({ clock, log }: TomlTypesDeps, options: TomlTypesOptions): Types {
  const directories = [...new Set(options.directories.map((directory) => resolve(directory)))];
  const list = createTypeDirectories(log, directories);
  const cache = createTypeCache(clock, log);
  let listed: { readonly names: readonly string[]; readonly at: number } | undefined;

  const lookup = (name: string): TypeEntry | undefined => {
    if (!isTypeName(name)) return undefined;
    let hidden: TypeEntry | undefined;
    for (const directory of directories) {
      const look = cache.lookAt(join(directory, typeFileName(name)), name);
      if (look.kind === "entry") return look.entry;
      if (look.kind === "hidden") hidden ??= look.entry;
    }
    return hidden;
  };

  const entryOf = (stem: string, directory: string): TypeEntry | undefined => {
    if (isTypeName(stem)) return lookup(stem);
    const message = `its name cannot be that of a task type: ${typeNameAdvice}.`;
    const configFile = join(directory, typeFileName(stem));
    return { ...unreadableType(stem, message), configFile, loadedAt: clock.now() };
  };

  return {
    lookup,
    all: () =>
      list()
        .flatMap(({ stem, directory }) => entryOf(stem, directory) ?? [])
        .toSorted((a, b) => (a.name < b.name ? -1 : 1)),
    names: () => {
      const now = clock.monotonic();
      if (listed === undefined || now - listed.at >= namesFreshMs) {
        const names = list().map(({ stem }) => stem);
        listed = { names: names.filter(isTypeName).toSorted(), at: now };
      }
      return listed.names;
    },
  };
}
