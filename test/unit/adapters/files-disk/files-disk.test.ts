/**
 * Goal: what only a disk can show: links and special files are never followed out of a task's
 * directory, what can't be written is said clearly, nothing is left over, locked trees go.
 * Method: real files in a temporary directory. Modes bind nobody who is root, so what depends on
 * them is skipped there.
 */
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import {
  chmod,
  mkdir,
  readdir,
  rename,
  rm,
  stat,
  symlink,
  utimes,
  writeFile,
} from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";

import { describe, expect, it } from "vitest";

import { diskFault } from "../../../../src/adapters/files-disk/fault.ts";
import { createDiskFiles } from "../../../../src/adapters/files-disk/files-disk.ts";
import type { TaskId } from "../../../../src/core/ids.ts";
import type { DirectoryPlan, ResultNode } from "../../../../src/ports/files.ts";
import { createManualClock } from "../../../doubles/manual-clock.ts";
import { createSilentLog } from "../../../doubles/silent-log.ts";
import { tempDirectory } from "../../../support/temp-directory.ts";

const id = "00000000-0000-8000-8000-0000000000a1" as TaskId;

async function open() {
  const directory = await tempDirectory();
  const clock = createManualClock(Date.now());
  const files = createDiskFiles({ log: createSilentLog(), clock }, { dataDirectory: directory });
  return { directory, clock, files, task: files.directoryOf(id) };
}

async function openWithTask() {
  const opened = await open();
  await opened.files.prepare(plan());
  return opened;
}

function plan(fields: Partial<DirectoryPlan> = {}): DirectoryPlan {
  return { id, attempt: 1, files: [], include: [], includeFrom: "/", ...fields };
}

async function* chunks(...parts: readonly string[]): AsyncGenerator<Uint8Array> {
  for (const part of parts) yield Buffer.from(part);
}

async function contentOf(node: ResultNode | undefined): Promise<string> {
  if (node?.kind !== "file") throw new Error(`${node?.kind ?? "nothing"} instead of a file`);
  const parts: Uint8Array[] = [];
  for await (const part of node.read()) parts.push(part);
  return Buffer.concat(parts).toString();
}

describe("reading results", () => {
  it("follows a link inside the task's directory", async () => {
    const { files, task } = await openWithTask();
    await writeFile(join(task, "real"), "content");
    await symlink("real", join(task, "link"));
    expect(await contentOf(await files.open(id, "link"))).toBe("content");
  });

  it("never follows one out of it, whichever part of the path it is", async () => {
    const { files, task, directory } = await openWithTask();
    await mkdir(join(directory, "elsewhere"));
    await writeFile(join(directory, "elsewhere", "secret"), "secret");
    await symlink(join(directory, "elsewhere", "secret"), join(task, "file"));
    await symlink("../../elsewhere", join(task, "folder"));
    await symlink("loop", join(task, "loop"));
    for (const path of ["file", "folder", "folder/secret", "loop"]) {
      expect(await files.open(id, path)).toBeUndefined();
    }
    expect(await files.open(id, "")).toMatchObject({ entries: [] });
  });

  it("never follows a link in the place of the directory itself", async () => {
    const { files, task, directory } = await openWithTask();
    await mkdir(join(directory, "elsewhere"));
    await writeFile(join(directory, "elsewhere", "secret"), "secret");
    await rm(task, { recursive: true });
    await symlink(join(directory, "elsewhere"), task);
    expect(await files.open(id, "secret")).toBeUndefined();
    expect(await files.open(id, "")).toBeUndefined();
  });

  it("leaves out pipes, sockets and devices, without waiting for them", async () => {
    const { files, task } = await openWithTask();
    execFileSync("mkfifo", [join(task, "pipe")]);
    await symlink("/dev/zero", join(task, "device"));
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(join(task, "socket"), resolve));
    for (const path of ["pipe", "device", "socket"]) {
      expect(await files.open(id, path)).toBeUndefined();
    }
    expect(await files.open(id, "")).toMatchObject({ entries: [] });
    await new Promise((resolve) => server.close(resolve));
  });

  it("gives the size at the time of opening, and stops there when the file grows", async () => {
    const { files, task } = await openWithTask();
    await writeFile(join(task, "log"), "one");
    const node = await files.open(id, "log");
    await writeFile(join(task, "log"), "one and more");
    expect(await contentOf(node)).toBe("one");
  });

  it("fails rather than mixing two files, or inventing the end of a shorter one", async () => {
    const { files, task } = await openWithTask();
    await writeFile(join(task, "a"), "first");
    const replaced = await files.open(id, "a");
    await writeFile(join(task, "b"), "other");
    await rename(join(task, "b"), join(task, "a"));
    await expect(contentOf(replaced)).rejects.toMatchObject({ code: "FILE_UNKNOWN" });
    const shortened = await files.open(id, "a");
    await writeFile(join(task, "a"), "o");
    await expect(contentOf(shortened)).rejects.toMatchObject({ code: "FILE_UNKNOWN" });
  });

  it("takes no log and no progress from a link or a pipe", async () => {
    const { files, task, directory } = await openWithTask();
    await writeFile(join(directory, "secret"), "secret");
    await symlink(join(directory, "secret"), join(task, "blanket.stdout.log"));
    execFileSync("mkfifo", [join(task, "blanket.stderr.log")]);
    await symlink(join(directory, "secret"), join(task, "blanket.progress"));
    for (const stream of ["stdout", "stderr"] as const) {
      expect(await files.logSize(id, stream)).toBe(0);
      expect(await files.readLog(id, stream, 0, 10)).toHaveLength(0);
    }
    expect(await files.readProgress(id)).toBeUndefined();
  });

  it("reads no more of a progress file than a line can have", async () => {
    const { files, task } = await openWithTask();
    await writeFile(join(task, "blanket.progress"), "5 ".padEnd(1_000_000, "x"));
    expect((await files.readProgress(id))?.length).toBeLessThan(1_000);
  });
});

describe("what goes into a task's directory", () => {
  it("keeps to it", async () => {
    const { files, directory } = await open();
    const blob = await files.storeBlob(chunks("x"), 10);
    for (const path of ["../out", "/tmp/out", "a/../../out", ".", "a\0b"]) {
      await expect(files.prepare(plan({ files: [{ path, ...blob }] }))).rejects.toMatchObject({
        code: "FILE_UNKNOWN",
      });
    }
    expect(existsSync(join(directory, "results", "out"))).toBe(false);
  });

  it("can't be a file and a directory at once", async () => {
    const { files } = await open();
    const blob = await files.storeBlob(chunks("x"), 10);
    const both = ["a", "a/b"].map((path) => ({ path, ...blob }));
    await expect(files.prepare(plan({ files: both }))).rejects.toThrow(/a file and a directory/);
  });

  it("keeps the mode of included programs, takes whole directories, and content behind links", async () => {
    const { files, task, directory } = await open();
    const types = join(directory, "types");
    await mkdir(join(types, "lib", "deep"), { recursive: true });
    await writeFile(join(types, "lib", "deep", "run"), "#!/bin/sh\n", { mode: 0o755 });
    await symlink("deep/run", join(types, "lib", "link"));
    await symlink(".", join(types, "lib", "circle"));
    await writeFile(join(types, "lib", ".hidden"), "x");
    await files.prepare(
      plan({
        include: [
          ["lib", "."],
          ["lib/**", "deep"],
        ],
        includeFrom: types,
      }),
    );
    expect((await stat(join(task, "lib", "deep", "run"))).mode & 0o111).toBe(0o111);
    const entries = await readdir(join(task, "lib"), { withFileTypes: true });
    expect(entries.map(({ name }) => name).toSorted()).toStrictEqual([".hidden", "deep", "link"]);
    expect((await readdir(join(task, "deep"))).toSorted()).toStrictEqual(["deep", "link"]);
    expect(entries.filter((entry) => entry.isSymbolicLink())).toStrictEqual([]);
  });

  it("misses no file that the type names outright; a pattern may find nothing", async () => {
    const { files, directory } = await open();
    await files.prepare(plan({ include: [["*.csv", "."]], includeFrom: directory }));
    await expect(
      files.prepare(plan({ attempt: 2, include: [["model.bin", "."]], includeFrom: directory })),
    ).rejects.toThrow(/files_to_include names model\.bin/);
  });
});

describe("the disk", () => {
  it("holds nothing of an upload that was refused or broke off", async () => {
    const { files, directory } = await open();
    await expect(files.storeBlob(chunks("123", "456"), 5)).rejects.toThrow(/at most 5 bytes/);
    expect(await readdir(join(directory, "blobs", "incoming"))).toStrictEqual([]);
  });

  it("loses what a crash left of old uploads, and keeps what is coming in", async () => {
    const { files, directory } = await open();
    await files.storeBlob(chunks("x"), 10);
    const incoming = join(directory, "blobs", "incoming");
    for (const name of ["old", "young"]) await writeFile(join(incoming, name), "half");
    await utimes(join(incoming, "old"), 1_000, 1_000);
    await files.pruneBlobs(() => false);
    expect(await readdir(incoming)).toStrictEqual(["young"]);
  });

  it("keeps uploads of this start when the wall clock jumps ahead", async () => {
    const { files, clock } = await open();
    const blob = await files.storeBlob(chunks("x"), 10);
    clock.jump(24 * 3_600_000);
    await files.pruneBlobs(() => false);
    await files.prepare(plan({ files: [{ path: "a", ...blob }] }));
    expect(await contentOf(await files.open(id, "a"))).toBe("x");
  });

  it("that is not usable makes a STORE_UNAVAILABLE that names the place", async () => {
    const { files, directory } = await open();
    await writeFile(join(directory, "blobs"), "in the way");
    await writeFile(join(directory, "results"), "in the way");
    await expect(files.storeBlob(chunks("x"), 10)).rejects.toMatchObject({
      code: "STORE_UNAVAILABLE",
      message: expect.stringContaining(join(directory, "blobs")),
    });
    await expect(files.prepare(plan())).rejects.toMatchObject({ code: "STORE_UNAVAILABLE" });
  });

  it.each([
    ["ENOSPC", /full; free some space/],
    ["EROFS", /read-only/],
    ["EIO", /does not work/],
    ["EWEIRD", /failed with EWEIRD/],
  ])("that answers %s is told with what to do about it", (errno, sentence) => {
    const cause = Object.assign(new Error("no"), { code: errno });
    const fault = diskFault(cause, "/data/blobs");
    expect(fault).toMatchObject({ code: "STORE_UNAVAILABLE", cause, details: { errno } });
    expect(fault.message).toMatch(sentence);
    expect(diskFault(fault, "/elsewhere")).toBe(fault);
  });

  // Root is never locked out; for everybody else the modes have to be lifted first.
  it("is cleared of directories that a task locked", async () => {
    const { files, task } = await openWithTask();
    await mkdir(join(task, "cache", "deep"), { recursive: true });
    await writeFile(join(task, "cache", "deep", "file"), "x");
    await chmod(join(task, "cache", "deep"), 0o500);
    await chmod(join(task, "cache"), 0o500);
    await files.remove(id);
    expect(existsSync(task)).toBe(false);
  });
});
