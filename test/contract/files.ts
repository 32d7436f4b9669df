/**
 * Goal: wherever files are kept, they keep what ports/files.ts promises.
 * Method: one suite, run by a test file for each adapter, through the port and through the eyes and
 * hands of a task (`write`).
 */
import { createHash } from "node:crypto";

import { describe, expect, it } from "vitest";

import type { TaskId } from "../../src/core/ids.ts";
import type { DirectoryPlan, Files, ResultNode } from "../../src/ports/files.ts";

/** Files with nothing in them, and what a test does around them. */
export interface FilesHarness {
  readonly files: Files;
  /** What a command does in its working directory. */
  write(id: TaskId, path: string, content: string): Promise<void>;
  /** Lets time pass for uploads. */
  age(ms: number): void;
  /** Puts a file where a task type includes it from, and says where that is. */
  source(path: string, content: string): Promise<string>;
}

const id = "00000000-0000-8000-8000-0000000000a1" as TaskId;
const other = "00000000-0000-8000-8000-0000000000b2" as TaskId;
const anHour = 3_600_000;
const aMinute = 60_000;
const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
const sha256 = (content: string) => createHash("sha256").update(content).digest("hex");

async function* chunks(...parts: readonly string[]): AsyncGenerator<Uint8Array> {
  for (const part of parts) yield new TextEncoder().encode(part);
}

async function* broken(): AsyncGenerator<Uint8Array> {
  yield* chunks("half");
  throw new Error("connection lost");
}

function plan(fields: Partial<DirectoryPlan> = {}): DirectoryPlan {
  return { id, attempt: 1, files: [], include: [], includeFrom: "/", ...fields };
}

async function contentOf(node: ResultNode | undefined, start?: number): Promise<string> {
  if (node?.kind !== "file") throw new Error(`${node?.kind ?? "nothing"} instead of a file`);
  const parts: Uint8Array[] = [];
  for await (const part of node.read(start)) parts.push(part);
  return text(Buffer.concat(parts));
}

function namesIn(node: ResultNode | undefined): readonly string[] {
  if (node?.kind !== "directory")
    throw new Error(`${node?.kind ?? "nothing"} instead of a listing`);
  return node.entries.map(({ name, kind }) => (kind === "directory" ? `${name}/` : name));
}

export function describeFiles(name: string, open: () => Promise<FilesHarness>): void {
  describe(`files ${name}: uploads`, () => {
    it("are known by the hash of their content", async () => {
      const { files } = await open();
      const stored = await files.storeBlob(chunks("hello ", "world"), 100);
      expect(stored).toStrictEqual({ sha256: sha256("hello world"), sizeBytes: 11 });
      expect(await files.storeBlob(chunks("hello world"), 100)).toStrictEqual(stored);
      expect((await files.storeBlob(chunks(), 100)).sizeBytes).toBe(0);
    });

    it("are refused past their bound, and taken up to it", async () => {
      const { files } = await open();
      await expect(files.storeBlob(chunks("12345", "6"), 5)).rejects.toMatchObject({
        code: "UPLOAD_TOO_LARGE",
      });
      expect((await files.storeBlob(chunks("12345"), 5)).sizeBytes).toBe(5);
    });

    it("that break off come to nothing, with the error of whoever sent them", async () => {
      const { files } = await open();
      await expect(files.storeBlob(broken(), 100)).rejects.toThrow("connection lost");
      const file = { path: "a", sha256: sha256("half"), sizeBytes: 4 };
      await expect(files.prepare(plan({ files: [file] }))).rejects.toMatchObject({
        code: "FILE_UNKNOWN",
      });
    });

    it("stay for an hour, and as long as they are needed", async () => {
      const { files, age } = await open();
      const kept = await files.storeBlob(chunks("kept"), 100);
      const gone = await files.storeBlob(chunks("gone"), 100);
      const put = async (task: TaskId, ...blobs: readonly (typeof kept)[]) =>
        await files.prepare(
          plan({ id: task, files: blobs.map((blob) => ({ path: "a", ...blob })) }),
        );
      await files.pruneBlobs(() => false);
      await put(id, gone);
      age(anHour + aMinute);
      const again = await files.storeBlob(chunks("again"), 100);
      await files.pruneBlobs((blob) => blob === kept.sha256);
      await put(other, kept);
      await files.remove(other);
      await put(other, again);
      await files.remove(other);
      await expect(put(other, gone)).rejects.toMatchObject({ code: "FILE_UNKNOWN" });
    });

    it("that come in a second time are young again", async () => {
      const { files, age } = await open();
      const first = await files.storeBlob(chunks("twice"), 100);
      age(anHour + aMinute);
      await files.storeBlob(chunks("twice"), 100);
      await files.pruneBlobs(() => false);
      await files.prepare(plan({ files: [{ path: "a", ...first }] }));
      expect(await contentOf(await files.open(id, "a"))).toBe("twice");
    });
  });

  describe(`files ${name}: the directory of a task`, () => {
    it("is made at once where nothing is copied", async () => {
      const { files } = await open();
      await files.prepare(plan());
      expect(namesIn(await files.open(id, ""))).toStrictEqual([]);
      expect(await files.open(other, "")).toBeUndefined();
    });

    it("holds uploads at their places", async () => {
      const { files } = await open();
      const one = await files.storeBlob(chunks("one"), 100);
      const two = await files.storeBlob(chunks("two"), 100);
      await files.prepare(
        plan({
          files: [
            { path: "in/deep/one.txt", ...one },
            { path: "two.txt", ...two },
            { path: "in/same.txt", ...one },
          ],
        }),
      );
      expect(namesIn(await files.open(id, ""))).toStrictEqual(["in/", "two.txt"]);
      expect(await contentOf(await files.open(id, "in/deep/one.txt"))).toBe("one");
      expect(await contentOf(await files.open(id, "in/same.txt"))).toBe("one");
    });

    it("has copies: what a task writes into one harms no other task", async () => {
      const { files, write } = await open();
      const blob = await files.storeBlob(chunks("original"), 100);
      await files.prepare(plan({ files: [{ path: "a", ...blob }] }));
      await write(id, "a", "changed");
      await files.prepare(plan({ id: other, files: [{ path: "a", ...blob }] }));
      expect(await contentOf(await files.open(other, "a"))).toBe("original");
    });

    it("holds what the type includes, below the fixed part of the pattern", async () => {
      const { files, source } = await open();
      await source("lib/a/x.py", "x");
      await source("lib/y.py", "y");
      await source("lib/z.txt", "z");
      const includeFrom = await source("run.sh", "run");
      await files.prepare(
        plan({
          includeFrom,
          include: [
            ["lib/**/*.py", "."],
            ["lib/*.txt", "data/text"],
            ["run.sh", "bin"],
          ],
        }),
      );
      expect(namesIn(await files.open(id, ""))).toStrictEqual(["a/", "bin/", "data/", "y.py"]);
      expect(await contentOf(await files.open(id, "a/x.py"))).toBe("x");
      expect(await contentOf(await files.open(id, "data/text/z.txt"))).toBe("z");
      expect(await contentOf(await files.open(id, "bin/run.sh"))).toBe("run");
    });

    it("prefers an upload to an included file of the same name", async () => {
      const { files, source } = await open();
      const includeFrom = await source("conf.json", "default");
      const blob = await files.storeBlob(chunks("mine"), 100);
      await files.prepare(
        plan({
          includeFrom,
          include: [["conf.json", "."]],
          files: [{ path: "conf.json", ...blob }],
        }),
      );
      expect(await contentOf(await files.open(id, "conf.json"))).toBe("mine");
    });

    it("of an earlier attempt moves aside and can be read there", async () => {
      const { files, write } = await open();
      for (const attempt of [1, 2, 4]) {
        await files.prepare(plan({ attempt }));
        await write(id, "note", `attempt ${attempt}`);
        await write(id, "blanket.stdout.log", "x".repeat(attempt));
      }
      expect(files.directoryOf(id, 4)).toBe(files.directoryOf(id));
      expect(files.directoryOf(id, 1)).toBe(`${files.directoryOf(id)}@1`);
      expect(await contentOf(await files.open(id, "note"))).toBe("attempt 4");
      expect(await contentOf(await files.open(id, "note", 1))).toBe("attempt 1");
      expect(await contentOf(await files.open(id, "note", 2))).toBe("attempt 2");
      expect(await files.open(id, "note", 3)).toBeUndefined();
      expect(await files.logSize(id, "stdout", 2)).toBe(2);
      expect(text(await files.readLog(id, "stdout", 0, 9, 4))).toBe("xxxx");
    });

    it("of the same attempt, left by a crash before its start, is made anew", async () => {
      const { files, write } = await open();
      for (const attempt of [1, 3]) {
        await files.prepare(plan({ attempt }));
        await write(id, "rest", "half");
        await files.prepare(plan({ attempt }));
        expect(namesIn(await files.open(id, ""))).toStrictEqual([]);
      }
      expect(namesIn(await files.open(id, "", 1))).toStrictEqual([]);
    });

    it("goes with all attempts when the task is removed, and with no other", async () => {
      const { files } = await open();
      await files.prepare(plan());
      await files.prepare(plan({ attempt: 2 }));
      await files.prepare(plan({ id: other }));
      await files.remove(id);
      await files.remove(id);
      expect(await files.open(id, "")).toBeUndefined();
      expect(await files.open(id, "", 1)).toBeUndefined();
      expect(await files.open(other, "")).toBeDefined();
      await files.prepare(plan());
    });
  });

  describe(`files ${name}: what a task wrote`, () => {
    it("is read from any place on", async () => {
      const { files, write } = await open();
      await files.prepare(plan());
      await write(id, "out/a.txt", "0123456789");
      const node = await files.open(id, "out/a.txt");
      expect(node).toMatchObject({ kind: "file", sizeBytes: 10 });
      expect(await contentOf(node)).toBe("0123456789");
      expect(await contentOf(node, 7)).toBe("789");
      expect(await contentOf(node, 10)).toBe("");
    });

    it("is listed by name, with sizes", async () => {
      const { files, write } = await open();
      await files.prepare(plan());
      for (const path of ["b.txt", "a/x", "c"]) await write(id, path, "1234");
      expect(await files.open(id, "/".slice(1))).toMatchObject({
        entries: [
          { name: "a", kind: "directory", sizeBytes: 0 },
          { name: "b.txt", kind: "file", sizeBytes: 4 },
          { name: "c", kind: "file", sizeBytes: 4 },
        ],
      });
      expect(namesIn(await files.open(id, "a"))).toStrictEqual(["x"]);
      expect(namesIn(await files.open(id, "a/"))).toStrictEqual(["x"]);
    });

    it.each(["../x", "a/../../x", "..", "/etc/hostname", "a\0b", "nothing", "note/below"])(
      "is not at %j",
      async (path) => {
        const { files, write } = await open();
        await files.prepare(plan({ id: other }));
        await files.prepare(plan());
        await write(id, "note", "x");
        expect(await files.open(id, path)).toBeUndefined();
      },
    );

    it("is a log that is read in parts, empty at its end and before its beginning", async () => {
      const { files, write } = await open();
      await files.prepare(plan());
      expect(await files.logSize(id, "stderr")).toBe(0);
      expect(await files.readLog(id, "stderr", 0, 10)).toHaveLength(0);
      await write(id, "blanket.stderr.log", "0123456789");
      expect(await files.logSize(id, "stderr")).toBe(10);
      expect(text(await files.readLog(id, "stderr", 0, 4))).toBe("0123");
      expect(text(await files.readLog(id, "stderr", 8, 4))).toBe("89");
      expect(await files.readLog(id, "stderr", 10, 4)).toHaveLength(0);
      expect(await files.readLog(id, "stderr", 99, 4)).toHaveLength(0);
      expect(await files.logSize(other, "stdout")).toBe(0);
    });

    it("is progress by the last line of a file, if it has one", async () => {
      const { files, write } = await open();
      await files.prepare(plan());
      expect(await files.readProgress(id)).toBeUndefined();
      await write(id, "blanket.progress", "");
      expect(await files.readProgress(id)).toBeUndefined();
      await write(id, "blanket.progress", "20 begun\r\n 40 half way\r\n\n");
      expect(await files.readProgress(id)).toBe("40 half way");
    });
  });
}
