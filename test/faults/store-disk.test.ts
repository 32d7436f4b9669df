/**
 * Goal: a disk that fills up, and one that loses its power, cost nothing that was promised.
 * Method: the real store on file systems of its own: a small tmpfs that is let grow, and ext4 in a
 * file whose FS_IOC_SHUTDOWN drops everything that was not synced. Wants mkfs.ext4 and python3
 * (Node has no ioctl); skipped where nothing may be mounted.
 */
import { execFileSync, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";

import { describe, expect, it, onTestFinished } from "vitest";

import { openLevelStore } from "../../src/adapters/store-level/store-level.ts";
import type { Store } from "../../src/ports/store.ts";
import { createSilentLog } from "../doubles/silent-log.ts";
import { canMount } from "../support/can-mount.ts";
import { eventually } from "../support/eventually.ts";
import { storedTask, taskIdAt } from "../support/stored.ts";
import { tempDirectory } from "../support/temp-directory.ts";

const writerScript = new URL("../support/store-writer.ts", import.meta.url).pathname;

function openStore(directory: string): Promise<Store> {
  return openLevelStore({ log: createSilentLog() }, { directory, module: "level" });
}

function mount(...args: readonly string[]): void {
  execFileSync("mount", args);
}

/** Drops what is not on disk and answers EIO from then on, until it is mounted anew. */
function cutPower(mountPoint: string): void {
  const code = `import fcntl, os, struct, sys
fcntl.ioctl(os.open(sys.argv[1], os.O_RDONLY), 0x8004587D, struct.pack("I", 2))`;
  execFileSync("python3", ["-c", code, mountPoint]);
}

/** Writes tasks from 0 on until that fails; how many are on disk, and the error. */
async function writeUntilFull(store: Store): Promise<{ written: number; error: unknown }> {
  for (let number = 0; ; number += 1) {
    const task = storedTask(number);
    try {
      await store.write([{ kind: "put", table: "task", key: task.id, value: task }]);
    } catch (error) {
      return { written: number, error };
    }
  }
}

describe.skipIf(!canMount())("a full disk", () => {
  // The sizes make different files of the database the one that does not fit.
  it.each([1_000, 4_188, 5_782])(
    "of %i KiB is told, and the store goes on with everything once there is room",
    async (size) => {
      const mountPoint = await tempDirectory();
      mount("-t", "tmpfs", "-o", `size=${size}k`, "tmpfs", mountPoint);
      onTestFinished(() => void execFileSync("umount", ["-l", mountPoint]));
      const store = await openStore(join(mountPoint, "store"));
      const { written, error } = await writeUntilFull(store);
      expect(error).toMatchObject({ code: "STORE_UNAVAILABLE", details: { errno: "ENOSPC" } });
      await expect(store.get("task", taskIdAt(0))).rejects.toMatchObject({
        code: "STORE_UNAVAILABLE",
      });

      mount("-o", "remount,size=64m", mountPoint);
      await store.reopen();
      expect(store.status()).toMatchObject({ open: true, corrupted: false });
      const keys = Array.from({ length: written }, (_, number) => taskIdAt(number));
      const found = await store.getMany("task", keys);
      expect(found.filter((task) => task === undefined)).toStrictEqual([]);
      await store.write([{ kind: "put", table: "meta", key: "boot", value: 2 }]);
      await store.close();
    },
  );
});

describe.skipIf(!canMount())("a power cut", () => {
  it("loses nothing that the store said is on disk, five times over", async () => {
    const directory = await tempDirectory();
    const mountPoint = join(directory, "disk");
    const image = join(directory, "image");
    await mkdir(mountPoint);
    execFileSync("mkfs.ext4", ["-q", image, "64M"]);
    // Only a test that fails leaves it mounted.
    onTestFinished(() => void spawnSync("umount", ["-l", mountPoint]));
    const reported: number[] = [];
    for (let round = 0; round < 5; round += 1) {
      mount("-o", "loop", image, mountPoint);
      const store = join(mountPoint, "store");
      const from = String(Math.max(0, ...reported));
      const writer = spawn(process.execPath, [writerScript, store, from], {
        stdio: ["ignore", "pipe", "inherit"],
      });
      const closed = once(writer, "close");
      onTestFinished(() => void writer.kill("SIGKILL"));
      let output = "";
      writer.stdout.setEncoding("utf8").on("data", (text: string) => (output += text));
      await eventually("some records are written", () => output.split("\n").length > 200);
      cutPower(mountPoint);
      await closed;
      const lines = output.split("\n").slice(0, -1);
      expect(lines.pop()).toBe("STORE_UNAVAILABLE");
      reported.push(...lines.map(Number));
      execFileSync("umount", [mountPoint]);

      mount("-o", "loop", image, mountPoint);
      const again = await openStore(store);
      const found = await again.getMany("task", reported.map(taskIdAt));
      expect(found.map((task) => task?.seq)).toStrictEqual(reported);
      expect(again.status()).toMatchObject({ corrupted: false, damaged: 0 });
      await again.close();
      execFileSync("umount", [mountPoint]);
    }
  });
});
