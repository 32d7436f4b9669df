/**
 * Goal: what the store said is on disk is there after its process was killed, and one directory has
 * one owner.
 * Method: a child process writes and reports; it is killed with SIGKILL in the middle of that, ten
 * times on one directory, and after each time every number that was ever reported is read.
 */
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";

import { describe, expect, it, onTestFinished } from "vitest";

import { openLevelStore } from "../../src/adapters/store-level/store-level.ts";
import { createSilentLog } from "../doubles/silent-log.ts";
import { eventually } from "../support/eventually.ts";
import { taskIdAt } from "../support/stored.ts";
import { tempDirectory } from "../support/temp-directory.ts";

const script = new URL("../support/store-writer.ts", import.meta.url).pathname;

interface Writer {
  readonly child: ChildProcess;
  /** Whole lines so far. */
  lines(): readonly string[];
  /** SIGKILL, and wait until all that it said has arrived. */
  kill(): Promise<void>;
}

function startWriter(directory: string, from: number): Writer {
  const child = spawn(process.execPath, [script, directory, String(from)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const closed = once(child, "close");
  let output = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (output += text));
  const kill = async () => {
    child.kill("SIGKILL");
    await closed;
  };
  onTestFinished(kill);
  return { child, lines: () => output.split("\n").slice(0, -1), kill };
}

function openStore(directory: string) {
  return openLevelStore({ log: createSilentLog() }, { directory, module: "level" });
}

describe("a store whose process is killed", () => {
  it("has every record that it said is on disk, ten times over", async () => {
    const directory = await tempDirectory();
    const reported: number[] = [];
    for (let round = 0; round < 10; round += 1) {
      const writer = startWriter(directory, Math.max(0, ...reported));
      await eventually("some records are written", () => writer.lines().length > 40 + 17 * round);
      await writer.kill();
      const numbers = writer.lines().map(Number);
      expect(numbers.every(Number.isSafeInteger)).toBe(true);
      reported.push(...numbers);

      const store = await openStore(directory);
      const found = await store.getMany("task", reported.map(taskIdAt));
      expect(found.map((task) => task?.seq)).toStrictEqual(reported);
      expect(store.status()).toMatchObject({ corrupted: false, damaged: 0 });
      await store.close();
    }
  });
});

describe("a database that another process has open", () => {
  it("is refused, and free once that process is gone", async () => {
    const directory = await tempDirectory();
    const owner = startWriter(directory, 0);
    await eventually("it has the store open", () => owner.lines().length > 0);
    await expect(openStore(directory)).rejects.toMatchObject({
      code: "STORE_LOCKED",
      message: expect.stringMatching(/in use by another process.*name another --data directory/),
    });
    await owner.kill();
    const store = await openStore(directory);
    await store.close();
    expect(store.status().open).toBe(false);
  });

  it("stays locked for others after its owner tried to open it a second time", async () => {
    const directory = await tempDirectory();
    const store = await openStore(directory);
    await expect(openStore(directory)).rejects.toMatchObject({ code: "STORE_LOCKED" });
    const other = startWriter(directory, 0);
    await once(other.child, "close");
    expect(other.lines()).toStrictEqual(["STORE_LOCKED"]);
    await store.close();
  });
});
