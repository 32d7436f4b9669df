import { createHash } from "node:crypto";
import { matchesGlob, posix } from "node:path";

import { BlanketError } from "../../src/core/errors.ts";
import type { TaskId } from "../../src/core/ids.ts";
import type { Clock } from "../../src/ports/clock.ts";
import type { DirectoryEntry, DirectoryPlan, Files, ResultNode } from "../../src/ports/files.ts";

interface MemoryFile {
  bytes: Uint8Array;
  modifiedAt: number;
}
type Directory = Map<string, MemoryFile>;

/** Files in memory, with doors for what tasks do to theirs. */
export interface MemoryFiles extends Files {
  /** Puts a file into the task's present directory, as its command would. */
  write(id: TaskId, path: string, content: string | Uint8Array): void;
  /** Adds to a file there, as its command would to a log. */
  append(id: TaskId, path: string, content: string | Uint8Array): void;
  /** Whether there is a directory of the task, or of an earlier attempt. */
  has(id: TaskId, attempt?: number): boolean;
  blobs(): readonly string[];
}

export interface MemoryFilesOptions {
  /** What task types can include: absolute paths with content. */
  readonly sources?: Readonly<Record<string, string>>;
}

const root = "/memory/results";
const anHourMs = 3_600_000;

/** The Files port without a disk: same answers, nothing survives. */
export function createMemoryFiles(
  { clock }: { readonly clock: Clock },
  { sources = {} }: MemoryFilesOptions = {},
): MemoryFiles {
  const blobs = new Map<string, MemoryFile>();
  const directories = new Map<string, Directory>();
  const attempts = new Map<TaskId, number>();

  function nameOf(id: TaskId, attempt?: number): string {
    const isEarlier = attempt !== undefined && attempt !== (attempts.get(id) ?? attempt);
    return isEarlier ? `${id}@${attempt}` : id;
  }

  function directory(id: TaskId): Directory {
    const there = directories.get(id) ?? new Map<string, MemoryFile>();
    directories.set(id, there);
    return there;
  }

  function write(id: TaskId, path: string, content: string | Uint8Array): void {
    directory(id).set(path, { bytes: bytesOf(content), modifiedAt: clock.now() });
  }

  function place(plan: DirectoryPlan): void {
    for (const [glob, destination] of plan.include) include(plan, glob, destination);
    for (const { path, sha256 } of plan.files) {
      const blob = blobs.get(sha256);
      if (blob === undefined) {
        throw new BlanketError("FILE_UNKNOWN", `the upload ${sha256} is not here.`, { sha256 });
      }
      write(plan.id, path, blob.bytes);
    }
  }

  function include(plan: DirectoryPlan, glob: string, destination: string): void {
    const fixed = /^(?:[^*?[\]{}()!]*\/)?/.exec(glob)?.[0] ?? "";
    const base = `${plan.includeFrom}/${fixed}`;
    for (const [source, content] of Object.entries(sources)) {
      if (!matchesGlob(source, `${plan.includeFrom}/${glob}`)) continue;
      write(plan.id, posix.join(destination, source.slice(base.length)), content);
    }
  }

  function logOf(id: TaskId, stream: string, attempt?: number): Uint8Array {
    const there = directories.get(nameOf(id, attempt))?.get(`blanket.${stream}.log`);
    return there?.bytes ?? new Uint8Array();
  }

  return {
    write,
    append(id, path, content) {
      const before = directory(id).get(path)?.bytes ?? new Uint8Array();
      write(id, path, joined([before, bytesOf(content)]));
    },
    has: (id, attempt) => directories.has(nameOf(id, attempt)),
    blobs: () => [...blobs.keys()],
    async storeBlob(chunks, bytesMax) {
      const parts: Uint8Array[] = [];
      let sizeBytes = 0;
      for await (const chunk of chunks) {
        sizeBytes += chunk.length;
        if (sizeBytes > bytesMax) {
          throw new BlanketError("UPLOAD_TOO_LARGE", `an upload has at most ${bytesMax} bytes.`);
        }
        parts.push(chunk.slice());
      }
      const bytes = joined(parts);
      const sha256 = createHash("sha256").update(bytes).digest("hex");
      blobs.set(sha256, { bytes, modifiedAt: clock.now() });
      return { sha256, sizeBytes };
    },
    directoryOf: (id, attempt) => `${root}/${nameOf(id, attempt)}`,
    async prepare(plan) {
      const { id, attempt } = plan;
      const before = attempts.get(id);
      const there = directories.get(id);
      if (before !== undefined && before < attempt && there !== undefined) {
        directories.set(`${id}@${before}`, there);
      }
      attempts.set(id, attempt);
      directories.set(id, new Map());
      place(plan);
    },
    remove(id) {
      for (const name of directories.keys()) {
        if (name === id || name.startsWith(`${id}@`)) directories.delete(name);
      }
      attempts.delete(id);
      return Promise.resolve();
    },
    pruneBlobs(isNeeded) {
      const before = clock.now() - anHourMs;
      for (const [sha256, { modifiedAt }] of blobs) {
        if (modifiedAt < before && !isNeeded(sha256)) blobs.delete(sha256);
      }
      return Promise.resolve();
    },
    open(id, path, attempt) {
      return Promise.resolve(nodeAt(directories.get(nameOf(id, attempt)), path));
    },
    logSize: (id, stream, attempt) => Promise.resolve(logOf(id, stream, attempt).length),
    readLog(id, stream, offset, bytesMax, attempt) {
      return Promise.resolve(logOf(id, stream, attempt).slice(offset, offset + bytesMax));
    },
    readProgress(id) {
      const bytes = directories.get(id)?.get("blanket.progress")?.bytes;
      const last = new TextDecoder().decode(bytes).trim().split("\n").at(-1)?.trim() ?? "";
      return Promise.resolve(last === "" ? undefined : last);
    },
  };
}

function nodeAt(directory: Directory | undefined, asked: string): ResultNode | undefined {
  if (directory === undefined || asked.startsWith("/") || asked.includes("\0")) return undefined;
  const parts = asked.split("/").filter((part) => part !== "" && part !== ".");
  if (parts.includes("..")) return undefined;
  const path = parts.join("/");
  const file = directory.get(path);
  if (file !== undefined) {
    const { bytes, modifiedAt } = file;
    return {
      kind: "file",
      sizeBytes: bytes.length,
      modifiedAt,
      read: (start) => read(bytes, start),
    };
  }
  const entries = entriesUnder(directory, path === "" ? "" : `${path}/`);
  return path === "" || entries.length > 0 ? { kind: "directory", entries } : undefined;
}

function entriesUnder(directory: Directory, prefix: string): readonly DirectoryEntry[] {
  const found = new Map<string, DirectoryEntry>();
  for (const [path, { bytes, modifiedAt }] of directory) {
    if (!path.startsWith(prefix)) continue;
    const [name = "", ...below] = path.slice(prefix.length).split("/");
    const kind = below.length === 0 ? "file" : "directory";
    found.set(name, { name, kind, sizeBytes: kind === "file" ? bytes.length : 0, modifiedAt });
  }
  return [...found.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

async function* read(bytes: Uint8Array, start = 0): AsyncGenerator<Uint8Array> {
  if (start < bytes.length) yield bytes.slice(start);
}

function bytesOf(content: string | Uint8Array): Uint8Array {
  return typeof content === "string" ? new TextEncoder().encode(content) : content;
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts));
}
