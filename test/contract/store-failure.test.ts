/**
 * Goal: after an I/O error the store takes nothing, says why, and serves again once it is reopened;
 * an unreadable block costs only what is in it.
 * Method: the store on a double that fails on demand, configured as any other module by its path.
 */
import { fileURLToPath } from "node:url";

import { afterEach, describe, expect, it } from "vitest";

import { openLevelStore } from "../../src/adapters/store-level/store-level.ts";
import type { Store } from "../../src/ports/store.ts";
import { blockUnreadable, diskFull, endFaults, setFault } from "../doubles/faulty-level.ts";
import { createSilentLog } from "../doubles/silent-log.ts";
import { oneOfEach } from "../support/stored.ts";
import { tempDirectory } from "../support/temp-directory.ts";

const module = fileURLToPath(new URL("../doubles/faulty-level.ts", import.meta.url));
const unavailable = { code: "STORE_UNAVAILABLE" };

async function open(): Promise<Store> {
  return openLevelStore({ log: createSilentLog() }, { directory: await tempDirectory(), module });
}

function name(store: Store, value: string): Promise<void> {
  return store.write([{ kind: "put", table: "meta", key: "name", value }]);
}

async function keysOf(store: Store): Promise<readonly string[]> {
  const keys: string[] = [];
  for await (const { key } of store.scan("meta")) keys.push(key);
  return keys;
}

function heard(store: Store): readonly unknown[] {
  const causes: unknown[] = [];
  store.onFailure((cause) => causes.push(cause));
  return causes;
}

afterEach(endFaults);

describe("a batch that fails", () => {
  it("rejects all its calls and those that wait behind it, and is told once", async () => {
    const store = await open();
    const causes = heard(store);
    const { promise: fail, resolve: letFail } = Promise.withResolvers<void>();
    setFault("batch", diskFull, fail);
    const inFlight = [name(store, "first"), name(store, "second")];
    await new Promise((resolve) => setImmediate(resolve));
    const waiting = [name(store, "third"), name(store, "fourth")];
    expect(store.status().pending).toBe(4);
    letFail();
    const results = await Promise.allSettled([...inFlight, ...waiting]);
    expect(results.map(({ status }) => status)).toStrictEqual(Array(4).fill("rejected"));
    await expect(inFlight[0]).rejects.toMatchObject({
      ...unavailable,
      message: expect.stringMatching(/No space left on device.*free some space/),
      details: { errno: "ENOSPC" },
      cause: diskFull,
    });
    expect(causes).toStrictEqual([await inFlight[0]?.catch((error: unknown) => error)]);
    expect(store.status()).toMatchObject({
      open: false,
      pending: 0,
      lastError: expect.stringContaining("free some space"),
    });
    await store.close();
  });

  it("leaves a store that refuses everything, without asking the database", async () => {
    const store = await open();
    setFault("batch", diskFull);
    await expect(name(store, "first")).rejects.toMatchObject(unavailable);
    endFaults();
    await expect(name(store, "second")).rejects.toMatchObject(unavailable);
    await expect(store.get("meta", "name")).rejects.toMatchObject(unavailable);
    await expect(store.getMany("meta", ["name"])).rejects.toMatchObject(unavailable);
    await expect(keysOf(store)).rejects.toMatchObject(unavailable);
    await store.close();
  });
});

describe("a read that fails", () => {
  it.each(["get", "getMany", "nextv"] as const)("makes the store unusable (%s)", async (method) => {
    const store = await open();
    const causes = heard(store);
    setFault(method, diskFull);
    const reads = {
      get: () => store.get("meta", "name"),
      getMany: () => store.getMany("meta", ["name"]),
      nextv: () => keysOf(store),
    };
    await expect(reads[method]()).rejects.toMatchObject(unavailable);
    expect(store.status().open).toBe(false);
    expect(causes).toHaveLength(1);
    await store.close();
  });
});

describe("reopening", () => {
  it("brings a failed store back with what it had, and a later failure is told again", async () => {
    const store = await open();
    const causes = heard(store);
    await name(store, "kept");
    for (const failures of [1, 2]) {
      setFault("batch", diskFull);
      await expect(name(store, "lost")).rejects.toMatchObject(unavailable);
      expect(causes).toHaveLength(failures);
      endFaults();
      await store.reopen();
      expect(store.status()).toMatchObject({ open: true, corrupted: false });
      expect(await store.get("meta", "name")).toBe("kept");
    }
    await name(store, "new");
    expect(await store.get("meta", "name")).toBe("new");
    await store.close();
  });

  it("that fails leaves the store unusable and may be tried again", async () => {
    const store = await open();
    setFault("batch", diskFull);
    await expect(name(store, "lost")).rejects.toMatchObject(unavailable);
    setFault("open", diskFull);
    await expect(store.reopen()).rejects.toMatchObject({
      ...unavailable,
      details: { errno: "ENOSPC" },
    });
    await expect(name(store, "lost")).rejects.toMatchObject(unavailable);
    endFaults();
    await store.reopen();
    await name(store, "found");
    expect(await store.get("meta", "name")).toBe("found");
    await store.close();
  });
});

describe("closing", () => {
  it("succeeds on a store that has failed, and lets another one have the directory", async () => {
    const directory = await tempDirectory();
    const deps = { log: createSilentLog() };
    const first = await openLevelStore(deps, { directory, module });
    setFault("batch", diskFull);
    await expect(name(first, "lost")).rejects.toMatchObject(unavailable);
    setFault("close", diskFull);
    await first.close();
    expect(deps.log.entries.map(({ level }) => level)).toContain("warn");
    endFaults();
    const second = await openLevelStore(deps, { directory, module });
    await second.close();
  });
});

describe("a block that can't be read", () => {
  it("costs the record asked for, not the store", async () => {
    const store = await open();
    const damaged: string[] = [];
    store.onDamaged((table, key) => damaged.push(`${table} ${key}`));
    await store.write([
      { kind: "put", table: "worker", key: "a", value: oneOfEach.worker },
      { kind: "put", table: "worker", key: "b", value: oneOfEach.worker },
    ]);
    setFault("get", blockUnreadable);
    await expect(store.get("worker", "a")).rejects.toMatchObject({ code: "RECORD_DAMAGED" });
    endFaults();
    setFault("getMany", blockUnreadable);
    expect(await store.getMany("worker", ["a", "b"])).toStrictEqual([
      oneOfEach.worker,
      oneOfEach.worker,
    ]);
    expect(damaged).toStrictEqual(["worker a"]);
    expect(store.status()).toMatchObject({ open: true, damaged: 1, corrupted: true });
    await store.close();
  });
});
