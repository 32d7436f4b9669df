/**
 * Goal: a store never believes damaged bytes, says what is missing, and refuses what is not its
 * own. Method: a real database, closed, changed behind the store's back (through LevelDB itself, or
 * byte by byte in its files), and opened again.
 */
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { Level } from "level";
import { Packr } from "msgpackr";
import { describe, expect, it } from "vitest";

import { seal } from "../../src/adapters/store-level/envelope.ts";
import { openLevelStore } from "../../src/adapters/store-level/store-level.ts";
import { encodeRecord } from "../../src/contract/records.ts";
import type { Store, StoreOperation } from "../../src/ports/store.ts";
import { createSilentLog } from "../doubles/silent-log.ts";
import { storedTask, taskIdAt } from "../support/stored.ts";
import { tempDirectory } from "../support/temp-directory.ts";

type RawDatabase = Level<string, Buffer>;

const open = (directory: string) =>
  openLevelStore({ log: createSilentLog() }, { directory, module: "level" });

/** A closed database with tasks from 0 on. */
async function madeWith(tasks: number): Promise<string> {
  const directory = await tempDirectory();
  const store = await open(directory);
  for (let number = 0; number < tasks; number += 1) await store.write([put(number)]);
  await store.close();
  return directory;
}

function put(number: number): StoreOperation {
  const task = storedTask(number);
  return { kind: "put", table: "task", key: task.id, value: task };
}

async function behindItsBack(directory: string, act: (raw: RawDatabase) => Promise<void>) {
  const raw: RawDatabase = new Level(directory, { valueEncoding: "buffer" });
  await raw.open();
  await act(raw);
  await raw.close();
}

async function changeFile(
  directory: string,
  suffix: string,
  change: (bytes: Buffer) => Buffer,
): Promise<void> {
  const names = await readdir(directory);
  const path = join(directory, names.find((name) => name.endsWith(suffix)) ?? "none");
  await writeFile(path, change(await readFile(path)));
}

function flipped(bytes: Buffer, offset: number): Buffer {
  const copy = Buffer.from(bytes);
  copy.writeUInt8(copy.readUInt8(offset) ^ 0xff, offset);
  return copy;
}

async function numbersIn(store: Store): Promise<readonly (number | undefined)[]> {
  const numbers: (number | undefined)[] = [];
  for await (const { value } of store.scan("task")) numbers.push(value?.seq);
  return numbers;
}

/** Expects that task 1 of three counts as damaged, everywhere, and is mended by writing it anew. */
async function expectFirstDamaged(directory: string): Promise<void> {
  const store = await open(directory);
  const heard: string[] = [];
  store.onDamaged((table, key) => heard.push(`${table} ${key}`));
  await expect(store.get("task", taskIdAt(1))).rejects.toMatchObject({
    code: "RECORD_DAMAGED",
    details: { table: "task", key: taskIdAt(1) },
  });
  const many = await store.getMany("task", [taskIdAt(0), taskIdAt(1), taskIdAt(2)]);
  expect(many.map((task) => task?.seq)).toStrictEqual([0, undefined, 2]);
  expect(await numbersIn(store)).toStrictEqual([0, undefined, 2]);
  expect(heard).toStrictEqual([`task ${taskIdAt(1)}`]);
  expect(store.status()).toMatchObject({ damaged: 1, corrupted: false, open: true });
  await store.write([put(1)]);
  expect(await numbersIn(store)).toStrictEqual([0, 1, 2]);
  expect(store.status().damaged).toBe(0);
  await store.close();
}

describe("a stored record", () => {
  const key = `task!${taskIdAt(1)}`;

  it("with a flipped byte is damaged", async () => {
    const directory = await madeWith(3);
    await behindItsBack(directory, async (raw) => {
      const bytes = await raw.get(key);
      await raw.put(key, flipped(bytes ?? Buffer.alloc(9), 40));
    });
    await expectFirstDamaged(directory);
  });

  it("under another key than its own is damaged", async () => {
    const directory = await madeWith(3);
    await behindItsBack(directory, async (raw) => {
      await raw.put(key, (await raw.get(`task!${taskIdAt(2)}`)) ?? Buffer.alloc(0));
    });
    await expectFirstDamaged(directory);
  });

  it("too short for its checksum is damaged", async () => {
    const directory = await madeWith(3);
    await behindItsBack(directory, (raw) => raw.put(key, Buffer.from([1, 2])));
    await expectFirstDamaged(directory);
  });

  it("of a version that is not known yet is not understood, and left as it is", async () => {
    const directory = await madeWith(3);
    const newer = seal(key, new Packr().pack({ version: 2, record: { id: taskIdAt(1) } }));
    await behindItsBack(directory, (raw) => raw.put(key, newer));
    const store = await open(directory);
    await expect(store.get("task", taskIdAt(1))).rejects.toMatchObject({
      code: "RECORD_DAMAGED",
      message: expect.stringContaining("a newer Blanket wrote it (version 2)"),
    });
    expect(await numbersIn(store)).toStrictEqual([0, undefined, 2]);
    await store.close();
    await behindItsBack(directory, async (raw) => {
      expect(await raw.get(key)).toStrictEqual(newer);
    });
  });
});

describe("a write-ahead log", () => {
  it("with a flipped byte means lost records, which is remembered", async () => {
    const directory = await madeWith(200);
    await changeFile(directory, ".log", (bytes) => flipped(bytes, bytes.length >> 1));
    const store = await open(directory);
    expect(store.status().corrupted).toBe(true);
    expect((await numbersIn(store)).length).toBeLessThan(200);
    await store.reopen();
    expect(store.status().corrupted).toBe(true);
    await store.close();

    const later = await open(directory);
    expect(later.status().corrupted).toBe(true);
    await later.write([{ kind: "delete", table: "meta", key: "corrupted" }]);
    await later.close();

    const cleared = await open(directory);
    expect(cleared.status().corrupted).toBe(false);
    await cleared.close();
  });

  it("that lost its first record, the schema's, means lost records and no other program", async () => {
    const directory = await madeWith(200);
    await changeFile(directory, ".log", (bytes) => flipped(bytes, 20));
    const store = await open(directory);
    expect(store.status().corrupted).toBe(true);
    await store.close();
    const later = await open(directory);
    await later.close();
  });

  it("that was cut off in its last record means nothing: that was never promised", async () => {
    const directory = await madeWith(20);
    await changeFile(directory, ".log", (bytes) => bytes.subarray(0, bytes.length - 30));
    const store = await open(directory);
    expect(store.status().corrupted).toBe(false);
    expect(await numbersIn(store)).toHaveLength(19);
    await store.close();
  });
});

describe("a block of a table that LevelDB can't read", () => {
  it("costs what is in it; the rest is read, and lost records are told", async () => {
    const count = 3_000;
    const directory = await tempDirectory();
    const first = await open(directory);
    await first.write(Array.from({ length: count }, (_, number) => put(number)));
    await first.close();
    // The next opening moves the write-ahead log into a table.
    await (await open(directory)).close();
    await changeFile(directory, ".ldb", (bytes) => flipped(bytes, bytes.length >> 1));

    const store = await open(directory);
    expect(store.status().corrupted).toBe(false);
    const readable = await numbersIn(store);
    expect(readable.length).toBeGreaterThan(count - 200);
    expect(readable.length).toBeLessThan(count);
    expect(readable).toStrictEqual([...new Set(readable)]);
    expect(store.status()).toMatchObject({ corrupted: true, open: true });

    const keys = Array.from({ length: count }, (_, number) => taskIdAt(number));
    const many = await store.getMany("task", keys);
    expect(many.filter((task) => task !== undefined).length).toBeGreaterThan(count - 200);
    expect(store.status().damaged).toBeGreaterThan(0);
    await store.write([put(count)]);
    await store.close();
  });
});

describe("opening", () => {
  it("refuses a database of a newer version and names both", async () => {
    const directory = await madeWith(1);
    const schema = seal("meta!schema", encodeRecord("meta", 2));
    await behindItsBack(directory, (raw) => raw.put("meta!schema", schema));
    await expect(open(directory)).rejects.toMatchObject({
      code: "STORE_NEWER",
      message: expect.stringMatching(/layout 1, there it is 2/),
      details: { found: 2, known: 1 },
    });
  });

  it("refuses a database that says its version in a form not known yet", async () => {
    const directory = await madeWith(1);
    const schema = seal("meta!schema", new Packr().pack({ version: 2, record: { layout: 2 } }));
    await behindItsBack(directory, (raw) => raw.put("meta!schema", schema));
    await expect(open(directory)).rejects.toMatchObject({ code: "STORE_NEWER" });
  });

  it("refuses a database of another program and leaves it as it is", async () => {
    const directory = await tempDirectory();
    await behindItsBack(directory, (raw) => raw.put("greeting", Buffer.from("hello")));
    await expect(open(directory)).rejects.toMatchObject({ code: "STORE_UNREADABLE" });
    await behindItsBack(directory, async (raw) => {
      expect(await raw.keys().all()).toStrictEqual(["greeting"]);
    });
  });

  it("refuses a place where a file is in the way, with path and errno", async () => {
    const file = join(await tempDirectory(), "file");
    await writeFile(file, "");
    await expect(open(file)).rejects.toMatchObject({
      code: "STORE_UNREADABLE",
      message: expect.stringContaining(file),
      details: { errno: "EEXIST" },
    });
    await expect(open(join(file, "store"))).rejects.toMatchObject({
      code: "STORE_UNREADABLE",
      details: { errno: "ENOTDIR" },
    });
  });

  it("refuses damaged files and says what to do", async () => {
    const directory = await madeWith(1);
    await writeFile(join(directory, "CURRENT"), "garbage");
    await expect(open(directory)).rejects.toMatchObject({
      code: "STORE_UNREADABLE",
      message: expect.stringMatching(/Corruption.*restore them from a copy/),
    });
  });

  it("refuses a directory that a store of this process has, until that one is closed", async () => {
    const directory = await tempDirectory();
    const store = await open(directory);
    await expect(open(directory)).rejects.toMatchObject({ code: "STORE_LOCKED" });
    await store.close();
    const next = await open(directory);
    await next.close();
    expect(next.status().open).toBe(false);
  });

  it.each([
    ["no-such-module-of-ours", "can't be loaded"],
    ["node:path", "exports no abstract-level database class"],
  ])("refuses the module %s", async (module, reason) => {
    const directory = await tempDirectory();
    const opening = openLevelStore({ log: createSilentLog() }, { directory, module });
    await expect(opening).rejects.toMatchObject({
      code: "CONFIG_INVALID",
      message: expect.stringContaining(reason),
    });
  });
});
