/**
 * Goal: whatever database stands behind it, a Store keeps what ports/store.ts promises.
 * Method: one suite, run by a test file for each adapter, through the port alone.
 */
import { describe, expect, it } from "vitest";

import { limits } from "../../src/core/limits.ts";
import type { TableName } from "../../src/core/stored-tables.ts";
import type { Store, StoreOperation, StoreRange, StoreRow } from "../../src/ports/store.ts";
import { oneOfEach, storedTask, taskIdAt } from "../support/stored.ts";

/** Gives an empty store each time. */
export interface StoreHarness {
  open(): Promise<Store>;
}

const tables = Object.keys(oneOfEach) as TableName[];

function put(number: number): StoreOperation {
  const task = storedTask(number);
  return { kind: "put", table: "task", key: task.id, value: task };
}

async function rowsOf<T extends TableName>(
  store: Store,
  table: T,
  range?: StoreRange,
): Promise<readonly StoreRow<T>[]> {
  const rows: StoreRow<T>[] = [];
  for await (const row of store.scan(table, range)) rows.push(row);
  return rows;
}

async function keysOf(store: Store, table: TableName, range?: StoreRange) {
  return (await rowsOf(store, table, range)).map(({ key }) => key);
}

export function describeStore(name: string, { open }: StoreHarness): void {
  describe(`a store on ${name}`, () => {
    describe("records", () => {
      it.each(tables)("come back from the table %s as they were written", async (table) => {
        const store = await open();
        const value = oneOfEach[table];
        await store.write([{ kind: "put", table, key: "a", value } as StoreOperation]);
        expect(await store.get(table, "a")).toStrictEqual(value);
        expect(await store.getMany(table, ["b", "a"])).toStrictEqual([undefined, value]);
        expect(await rowsOf(store, table, { to: "b" })).toStrictEqual([{ key: "a", value }]);
        await store.close();
      });

      it("are absent before they are written and after they are deleted", async () => {
        const store = await open();
        expect(await store.get("task", taskIdAt(1))).toBeUndefined();
        await store.write([put(1)]);
        await store.write([{ kind: "delete", table: "task", key: taskIdAt(1) }]);
        expect(await store.get("task", taskIdAt(1))).toBeUndefined();
        expect(await keysOf(store, "task")).toStrictEqual([]);
        await store.close();
      });

      it("keep fields that this version does not know", async () => {
        const store = await open();
        const later = { ...storedTask(1), colour: { name: "green" } };
        await store.write([{ kind: "put", table: "task", key: later.id, value: later }]);
        expect(await store.get("task", later.id)).toStrictEqual(later);
        await store.close();
      });

      it("that break their schema are refused when written, alone", async () => {
        const store = await open();
        const broken = { ...storedTask(1), boot: Number.NaN };
        const refused = store.write([{ kind: "put", table: "task", key: "broken", value: broken }]);
        const taken = store.write([put(2)]);
        await expect(refused).rejects.toMatchObject({ code: "INTERNAL" });
        await taken;
        expect(await keysOf(store, "task")).toStrictEqual([taskIdAt(2)]);
        await store.close();
      });
    });

    describe("scans", () => {
      it("go in key order and stay within their table and range", async () => {
        const store = await open();
        await store.write([put(3), put(1), put(2), put(4)]);
        await store.write(
          tables
            .filter((table) => table !== "task")
            .map(
              (table) =>
                ({ kind: "put", table, key: "x", value: oneOfEach[table] }) as StoreOperation,
            ),
        );
        const [one, two, three, four] = [1, 2, 3, 4].map(taskIdAt);
        expect(await keysOf(store, "task")).toStrictEqual([one, two, three, four]);
        expect(await keysOf(store, "task", { from: taskIdAt(2) })).toStrictEqual([
          two,
          three,
          four,
        ]);
        expect(await keysOf(store, "task", { to: taskIdAt(3) })).toStrictEqual([one, two]);
        expect(
          await keysOf(store, "task", { from: taskIdAt(2), to: taskIdAt(4), limit: 1 }),
        ).toStrictEqual([two]);
        expect(await keysOf(store, "task", { limit: 0 })).toStrictEqual([]);
        expect(await keysOf(store, "worker")).toStrictEqual(["x"]);
        await store.close();
      });

      it("see what was written before, and nothing that is written while they go", async () => {
        const store = await open();
        await store.write(Array.from({ length: 3_000 }, (_, number) => put(number)));
        const seen: string[] = [];
        for await (const { key } of store.scan("task")) {
          if (seen.length === 0) await store.write([put(9_999)]);
          seen.push(key);
        }
        expect(seen).toHaveLength(3_000);
        expect(await store.get("task", taskIdAt(9_999))).toBeDefined();
        await store.close();
      });

      it("may be left early", async () => {
        const store = await open();
        await store.write([put(1), put(2)]);
        for await (const { key } of store.scan("task")) {
          expect(key).toBe(taskIdAt(1));
          break;
        }
        await store.close();
      });
    });

    describe("writes", () => {
      it("of one turn share a batch, in the order of the calls", async () => {
        const store = await open();
        const { batches } = store.status();
        const key = taskIdAt(1);
        await Promise.all([
          store.write([put(1), put(2)]),
          store.write([{ kind: "delete", table: "task", key }]),
          store.write([]),
          store.write([{ kind: "put", table: "meta", key: "name", value: "first" }]),
          store.write([{ kind: "put", table: "meta", key: "name", value: "second" }]),
        ]);
        expect(store.status()).toMatchObject({ batches: batches + 1, pending: 0 });
        expect(await store.get("meta", "name")).toBe("second");
        expect(await keysOf(store, "task")).toStrictEqual([taskIdAt(2)]);
        await store.close();
      });

      it("that come while a batch is on its way share the next one", async () => {
        const store = await open();
        const { batches } = store.status();
        const first = store.write([put(0)]);
        await new Promise((resolve) => setImmediate(resolve));
        const rest = Promise.all(
          Array.from({ length: 64 }, (_, index) => store.write([put(index)])),
        );
        await first;
        await rest;
        expect(store.status().batches).toBeLessThanOrEqual(batches + 2);
        await store.close();
      });

      it("of more operations than a batch takes go in several, none of them split", async () => {
        const store = await open();
        const before = store.status();
        const size = limits.batchOperationsMax / 2 + 1;
        const call = (from: number) =>
          store.write(Array.from({ length: size }, (_, index) => put(from + index)));
        const large = Array.from({ length: limits.batchOperationsMax + 1 }, (_, index) =>
          put(5_000 + index),
        );
        await Promise.all([call(0), call(2_000), store.write(large)]);
        const { batches, operations } = store.status();
        expect(batches - before.batches).toBe(3);
        expect(operations - before.operations).toBe(2 * size + large.length);
        expect(await keysOf(store, "task")).toHaveLength(2 * size + large.length);
        await store.close();
      });

      it("of nothing resolve", async () => {
        const store = await open();
        await expect(store.write([])).resolves.toBeUndefined();
        await store.close();
      });
    });

    describe("its life", () => {
      it("opens again with everything, what was just asked for included", async () => {
        const store = await open();
        const written = store.write([put(1)]);
        await Promise.all([store.reopen(), store.reopen()]);
        await written;
        expect(await keysOf(store, "task")).toStrictEqual([taskIdAt(1)]);
        expect(store.status()).toMatchObject({ open: true, lastError: null, corrupted: false });
        await store.close();
      });

      it("refuses everything while it opens again", async () => {
        const store = await open();
        const reopened = store.reopen();
        await expect(store.get("meta", "boot")).rejects.toMatchObject({
          code: "STORE_UNAVAILABLE",
        });
        await expect(store.write([put(1)])).rejects.toMatchObject({ code: "STORE_UNAVAILABLE" });
        expect(store.status().open).toBe(false);
        await reopened;
        await store.write([put(1)]);
        await store.close();
      });

      it("finishes what was asked for when it closes, and refuses what comes after", async () => {
        const store = await open();
        const written = store.write([put(1)]);
        await Promise.all([store.close(), store.close()]);
        await expect(written).resolves.toBeUndefined();
        const refusal = { code: "STORE_UNAVAILABLE" };
        await expect(store.get("meta", "boot")).rejects.toMatchObject(refusal);
        await expect(store.getMany("meta", ["boot"])).rejects.toMatchObject(refusal);
        await expect(store.write([put(1)])).rejects.toMatchObject(refusal);
        await expect(keysOf(store, "task")).rejects.toMatchObject(refusal);
        await expect(store.reopen()).rejects.toMatchObject(refusal);
        expect(store.status().open).toBe(false);
      });
    });
  });
}
