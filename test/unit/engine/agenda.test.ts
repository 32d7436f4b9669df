/**
 * Goal: tasks are looked at again when their time has come, in the order of their times, whatever
 * the clocks do, and looking often costs nothing that stays.
 * Method: an agenda alone on a clock that stands still; orders of chance against a sorted list.
 */
import { assert, array, integer, property } from "fast-check";
import { describe, expect, it } from "vitest";

import type { TaskId } from "../../../src/core/ids.ts";
import { createAgenda, type Agenda } from "../../../src/engine/agenda.ts";
import { createManualClock, type ManualClock } from "../../doubles/manual-clock.ts";

interface World {
  readonly agenda: Agenda;
  readonly clock: ManualClock;
  /** What fell due, with how long after the beginning. */
  readonly seen: (readonly [id: string, afterMs: number])[];
  at(afterMs: number, id: string): void;
}

function createWorld(): World {
  const clock = createManualClock();
  const start = clock.now();
  const seen: World["seen"] = [];
  const agenda = createAgenda(clock, (id) => seen.push([id, clock.now() - start]));
  return { agenda, clock, seen, at: (afterMs, id) => agenda.at(start + afterMs, id as TaskId) };
}

describe("an agenda", () => {
  it("calls in the order of the times, each when it has come", () => {
    const times = array(integer({ min: 0, max: 50 }), { maxLength: 60 });
    assert(
      property(times, (given) => {
        const { clock, seen, at } = createWorld();
        for (const [index, time] of given.entries()) at(time, String(index));
        clock.advance(100);
        expect(seen.map(([, time]) => time)).toEqual(given.toSorted((a, b) => a - b));
        expect(seen.map(([id]) => id).toSorted()).toEqual([...given.keys()].map(String).toSorted());
        expect(seen.every(([id, time]) => given[Number(id)] === time)).toBe(true);
      }),
    );
  });

  it("lets others have their turn where very many fall due at once", () => {
    const clock = createManualClock();
    const seen: string[] = [];
    let most = 0;
    const counted: ManualClock = {
      ...clock,
      after: (delayMs, act) =>
        clock.after(delayMs, () => {
          const before = seen.length;
          act();
          most = Math.max(most, seen.length - before);
        }),
    };
    const agenda = createAgenda(counted, (id) => seen.push(id));
    for (let index = 0; index < 2_000; index += 1) agenda.at(clock.now() + 5, `${index}` as TaskId);
    clock.advance(5);
    expect(seen).toHaveLength(2_000);
    expect(most).toBeLessThanOrEqual(250);
  });

  it("calls at once for a time that is over", () => {
    const { clock, seen, at } = createWorld();
    at(-5_000, "late");
    expect(seen).toEqual([]);
    clock.advance(0);
    expect(seen).toEqual([["late", 0]]);
  });

  it("takes an earlier time though it waits for a later one already", () => {
    const { clock, seen, at } = createWorld();
    at(90, "later");
    at(10, "earlier");
    clock.advance(20);
    expect(seen).toEqual([["earlier", 10]]);
  });

  it("waits for months with one timer, looking at the clock now and then", () => {
    const { clock, seen, at } = createWorld();
    const months = 100 * 24 * 3_600_000;
    at(months, "far");
    at(2 * months, "farther");
    expect(clock.pending()).toBe(1);
    clock.advance(months - 1);
    expect(seen).toEqual([]);
    clock.advance(1);
    expect(seen).toEqual([["far", months]]);
  });

  it("notices within a minute that the wall clock was set forward", () => {
    const { clock, seen, at } = createWorld();
    at(10 * 3_600_000, "soon after all");
    clock.jump(10 * 3_600_000);
    clock.advance(60_000);
    expect(seen.map(([id]) => id)).toEqual(["soon after all"]);
  });

  it("waits on where the wall clock was set back", () => {
    const { clock, seen, at } = createWorld();
    at(1_000, "not yet");
    clock.jump(-3_600_000);
    clock.advance(1_000);
    expect(seen).toEqual([]);
    clock.advance(3_600_000);
    expect(seen).toEqual([["not yet", 1_000]]);
  });

  it("takes what is put in while it calls", () => {
    const clock = createManualClock();
    const calls: string[] = [];
    const agenda = createAgenda(clock, (id) => {
      calls.push(id);
      if (calls.length < 3) agenda.at(clock.now() + 10, id);
    });
    agenda.at(clock.now() + 10, "again" as TaskId);
    clock.advance(100);
    expect(calls).toEqual(["again", "again", "again"]);
    expect(clock.pending()).toBe(0);
  });

  it("keeps one entry for a task that asks for the same time again and again", () => {
    const { clock, seen, at } = createWorld();
    for (let turn = 0; turn < 1_000; turn += 1) at(500, "restless");
    clock.advance(1_000);
    expect(seen).toEqual([["restless", 500]]);
  });

  it("calls for a later time too, where an earlier one stands", () => {
    const { clock, seen, at } = createWorld();
    at(10, "both");
    at(50, "both");
    clock.advance(100);
    expect(seen).toEqual([
      ["both", 10],
      ["both", 50],
    ]);
  });

  it("forgets a task that nobody waits for any more", () => {
    const { agenda, clock, seen, at } = createWorld();
    at(10, "gone");
    at(20, "stays");
    agenda.forget("gone" as TaskId);
    clock.advance(100);
    expect(seen).toEqual([["stays", 20]]);
  });

  it("is empty after it was cleared, and takes new entries", () => {
    const { agenda, clock, seen, at } = createWorld();
    at(10, "old");
    agenda.clear();
    expect(clock.pending()).toBe(0);
    at(20, "new");
    clock.advance(100);
    expect(seen).toEqual([["new", 20]]);
  });
});
