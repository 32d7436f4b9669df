/**
 * Goal: what is stored comes back as it was, or is known to be damaged: no flipped, missing or
 * added byte and no other key gives a record.
 * Method: fast-check over records of every table, through codec and checksum together.
 */
import {
  array,
  assert,
  boolean,
  constant,
  constantFrom,
  dictionary,
  integer,
  nat,
  oneof,
  property,
  record,
  string,
  tuple,
  type Arbitrary,
} from "fast-check";
import { describe, expect, it } from "vitest";

import { recordIn, storedBytes } from "../../src/adapters/store-level/stored-record.ts";
import { decodeRecord } from "../../src/contract/records.ts";
import type { WorkerId } from "../../src/core/ids.ts";
import type { JournalEntry } from "../../src/core/journal.ts";
import type { RegisterState } from "../../src/core/register/acceptor-state.ts";
import type { GoneIntervals } from "../../src/core/register/gone.ts";
import type { StoreTables, TableName } from "../../src/core/stored-tables.ts";
import type { StoredWorker } from "../../src/core/worker.ts";
import { anyOutcome, anyRecord, anyValue } from "../support/arbitraries.ts";
import { ada, ballot, id } from "../support/values.ts";

/** Any text that UTF-8 can carry; a lone surrogate is none. */
const text = string({ unit: "binary" }).filter((each) => each.isWellFormed());
const count = oneof(nat(), constantFrom(0xffff, 0x1_0000, 0xffff_ffff, 2 ** 53 - 1));

const anyRegister: Arbitrary<RegisterState> = record(
  {
    id: constant(id),
    epoch: count,
    voters: constant([ada]),
    fast: constant(ada),
    origin: constant(ada),
    boot: count,
    seq: count,
    init: anyValue,
    promised: nat().map((round) => ballot(round)),
    acceptedBallot: nat().map((round) => ballot(round)),
    accepted: anyValue,
    gave: count,
  },
  {
    requiredKeys: ["id", "epoch", "voters", "origin", "boot", "seq", "promised", "acceptedBallot"],
  },
);

const anyJournal: Arbitrary<JournalEntry> = oneof(
  record({
    kind: constant("starting" as const),
    kernelBootId: text,
    startedAt: count,
    worker: text,
    typeDigest: text,
    timeoutMs: count,
    killGraceMs: count,
    typeEnvironment: dictionary(
      text.filter((name) => name !== "__proto__"),
      text,
    ),
  }),
  constantFrom<JournalEntry>({ kind: "void" }, { kind: "lost" }),
  record({ kind: constant("exited" as const), outcome: anyOutcome }),
);

const anyGone: Arbitrary<GoneIntervals> = array(
  tuple(count, array(tuple(count, count), { maxLength: 4 })),
  { maxLength: 4 },
).map((pairs) => Object.fromEntries(pairs));

const anyWorker: Arbitrary<StoredWorker> = record({
  id: text.filter((each) => each !== "").map((each) => each as WorkerId),
  tags: array(text),
  paused: boolean(),
  createdAt: count,
});

const recordOf: { readonly [T in TableName]: Arbitrary<StoreTables[T]> } = {
  meta: oneof(text, integer()),
  task: anyRecord,
  register: anyRegister,
  journal: anyJournal,
  gone: anyGone,
  worker: anyWorker,
};
const tables = Object.keys(recordOf) as TableName[];
/** A table, a record of it, a key, and the bytes that are stored. */
const stored = constantFrom(...tables).chain((table) =>
  tuple(recordOf[table], string()).map(([value, key]) => ({
    table,
    value,
    key,
    bytes: storedBytes(table, key, value),
  })),
);
const damaged = { kind: "damaged", why: "its checksum fails" };
const runs = { numRuns: 2_000 };

describe("a stored record", () => {
  it.each(tables)("of the table %s comes back as it was", (table) => {
    assert(
      property(recordOf[table], string(), (value, key) => {
        const found = recordIn(table, key, storedBytes(table, key, value));
        // Equal but for prototypes: fast-check makes some objects without one.
        expect(found).toEqual({ kind: "record", value });
      }),
      runs,
    );
  });

  it("has its attempts under numbers, whatever MessagePack makes of their names", () => {
    const gone: GoneIntervals = { 1: [[0, 3]], 4_294_967_295: [[2, 2]] };
    const found = recordIn("gone", "ada", storedBytes("gone", "ada", gone));
    expect(found.kind === "record" && found.value[4_294_967_295]).toStrictEqual([[2, 2]]);
  });

  it("is not believed with any bits of one byte flipped", () => {
    assert(
      property(stored, nat(), integer({ min: 1, max: 255 }), ({ table, key, bytes }, at, mask) => {
        const copy = Uint8Array.from(bytes);
        copy[at % copy.length] = (copy[at % copy.length] ?? 0) ^ mask;
        expect(recordIn(table, key, copy)).toStrictEqual(damaged);
      }),
      runs,
    );
  });

  it("is not believed where it was cut off", () => {
    assert(
      property(stored, nat(), ({ table, key, bytes }, length) => {
        const cut = bytes.subarray(0, length % bytes.length);
        expect(recordIn(table, key, cut)).toStrictEqual(damaged);
      }),
      runs,
    );
  });

  it("is not believed under another key", () => {
    assert(
      property(stored, string(), ({ table, key, bytes }, other) => {
        const found = recordIn(table, other, bytes);
        expect(found.kind).toBe(other === key ? "record" : "damaged");
      }),
      runs,
    );
  });
});

describe("decoding", () => {
  it("takes any bytes without throwing", () => {
    assert(
      property(constantFrom(...tables), array(nat(255)), (table, bytes) => {
        const { kind } = decodeRecord(table, Uint8Array.from(bytes));
        expect(["record", "newer", "malformed"]).toContain(kind);
      }),
      runs,
    );
  });
});
