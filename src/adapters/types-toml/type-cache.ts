import { placedProblem } from "../../core/task-type/task-type.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Log } from "../../ports/log.ts";
import type { TypeEntry } from "../../ports/types.ts";
import { loadType, unreadableType, type LoadedType } from "./load-type.ts";
import { readTypeFile, stampOf } from "./read-type-file.ts";

/**
 * A file that changed this short before it was read may change again without a new stamp: file
 * systems keep times in ticks of up to two seconds. Until then each look reads it again.
 */
const settledAfterMs = 2_000;

interface Cached {
  readonly stamp: string;
  readonly settled: boolean;
  readonly entry: TypeEntry;
}

/** What a look at a path gave. */
export type Look =
  | { readonly kind: "entry"; readonly entry: TypeEntry }
  /** The system does not even say whether there is a file. */
  | { readonly kind: "hidden"; readonly entry: TypeEntry }
  | { readonly kind: "absent" };

/** Entries of type files by path, read again when a file has changed. */
export interface TypeCache {
  lookAt(path: string, name: string): Look;
}

/** A cache whose size is that of the directories: it keeps files that are there, and no others. */
export function createTypeCache(clock: Clock, log: Log): TypeCache {
  const cache = new Map<string, Cached>();

  const keep = (path: string, stamp: { text: string; changedAt: number }, loaded: LoadedType) => {
    const now = clock.now();
    const before = cache.get(path)?.entry;
    const known = before !== undefined && isSame(before, loaded);
    const entry = known ? before : { ...loaded, configFile: path, loadedAt: now };
    const settled = now - stamp.changedAt > settledAfterMs;
    cache.set(path, { stamp: stamp.text, settled, entry });
    if (!known) tellProblems(log, entry);
    return entry;
  };

  return {
    lookAt: (path, name) => {
      const stamp = stampOf(path);
      if (stamp.kind === "unreadable") {
        const loaded = unreadableType(name, stamp.message);
        return { kind: "hidden", entry: { ...loaded, configFile: path, loadedAt: clock.now() } };
      }
      const cached = cache.get(path);
      if (stamp.kind === "stamp" && cached?.settled === true && cached.stamp === stamp.text) {
        return { kind: "entry", entry: cached.entry };
      }
      const loaded = stamp.kind === "absent" ? undefined : load(path, name);
      if (stamp.kind === "stamp" && loaded !== undefined) {
        return { kind: "entry", entry: keep(path, stamp, loaded) };
      }
      cache.delete(path);
      return { kind: "absent" };
    },
  };
}

function load(path: string, name: string): LoadedType | undefined {
  const file = readTypeFile(path);
  switch (file.kind) {
    case "bytes":
      return loadType(name, file.bytes);
    case "unreadable":
      return unreadableType(name, file.message);
    case "absent":
      return undefined;
  }
}

function isSame(entry: TypeEntry, loaded: LoadedType): boolean {
  return (
    entry.digest === loaded.digest && entry.problems[0]?.message === loaded.problems[0]?.message
  );
}

function tellProblems(log: Log, { name, configFile, problems }: TypeEntry): void {
  const [first, ...others] = problems.map((problem) => placedProblem(configFile, problem));
  if (first === undefined) return;
  const more = others.length > 0 ? ` (and ${others.length} more)` : "";
  log.warn(`the task type ${name} cannot be used: ${first}${more}`, {
    type: name,
    problems: [first, ...others],
  });
}
