/**
 * Goal: an engine whose store went away and came back knows exactly what is on disk, whatever was
 * going on meanwhile, and everybody who waits for something is told.
 * Method: a whole engine on doubles; a database that fails before or after its work.
 */
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { BlanketError } from "../../../src/core/errors.ts";
import type { EnginePorts } from "../../../src/engine/deps.ts";
import type { Control } from "../../../src/ports/control.ts";
import type { Runner } from "../../../src/ports/runner.ts";
import type { Store } from "../../../src/ports/store.ts";
import { diskFull, endFaults, failAfterBatch, setFault } from "../../doubles/faulty-level.ts";
import { createEngineWorld, type EngineWorld } from "../../support/engine-world.ts";

let world: EngineWorld;
let control: Control;
/** What a test puts in front of the ports' own. */
let inquire: Runner["inquire"] | undefined;
let scan: Store["scan"] | undefined;
let get: Store["get"] | undefined;
let reopen: Store["reopen"] | undefined;

beforeEach(async () => {
  inquire = scan = get = reopen = undefined;
  world = await createEngineWorld({}, wrap);
  ({ control } = world.engine);
});

afterEach(async () => {
  endFaults();
  await world.dispose();
});

function wrap(ports: EnginePorts): EnginePorts {
  const { runner, store } = ports;
  return {
    ...ports,
    runner: { ...runner, inquire: (id, attempt) => (inquire ?? runner.inquire)(id, attempt) },
    store: {
      ...store,
      scan: (table, range) => (scan ?? store.scan)(table, range),
      get: (table, key) => (get ?? store.get)(table, key),
      reopen: () => (reopen ?? store.reopen)(),
    },
  };
}

const page = { limit: 10, offset: 0, newestFirst: false };

/** What a promise has come to: its value, its error's code, or nothing yet. */
function outcomeOf<T>(promise: Promise<T>): { value?: T; code?: unknown } {
  const outcome: { value?: T; code?: unknown } = {};
  promise.then(
    (value) => (outcome.value = value),
    (error: unknown) => (outcome.code = (error as { code?: unknown }).code),
  );
  return outcome;
}

/** Makes the store fail, by a submission that nobody can take. */
async function loseStore(): Promise<void> {
  setFault("batch", diskFull);
  await expect(world.submit({})).rejects.toMatchObject({ code: "STORE_UNAVAILABLE" });
  endFaults();
}

/** Lets everything that has begun come to its end, without time passing. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await world.clock.run(0);
}

/** Lets the store fail at what is under way, then time pass until it is back. */
async function comesBack(): Promise<void> {
  await settle();
  endFaults();
  for (let second = 0; second < 100 && !control.status().ready; second += 1) {
    await world.clock.run(1_000);
    await settle();
  }
}

describe("whoever waits while the store is away", () => {
  it("is told of an end that got to disk though its batch failed", async () => {
    const task = await world.submit({});
    const wait = outcomeOf(control.wait(task.id as never, new AbortController().signal));
    failAfterBatch(diskFull);
    world.runner.end(task.id, { exitCode: 3 });
    await settle();
    expect(wait.value).toBeUndefined();
    await comesBack();
    expect(wait.value).toMatchObject({ state: "ERROR", exitCode: 3 });
  });

  it("for a cancel is answered once the end is known", async () => {
    const task = await world.submit({});
    world.runner.deafen(true);
    const answer = outcomeOf(control.cancel(task.id));
    await settle();
    failAfterBatch(diskFull);
    world.runner.end(task.id, { cause: "stopped" });
    await comesBack();
    expect(answer.value).toMatchObject({ state: "STOPPED" });
  });

  it("for the end of a log sees it", async () => {
    const task = await world.submit({});
    const all = { streams: ["stdout"], from: { stdout: 0, stderr: 0 }, follow: true } as const;
    const events = await control.log(task.id, all, new AbortController().signal);
    const seen: unknown[] = [];
    const reading = (async () => {
      for await (const event of events) seen.push(event);
    })();
    await world.clock.run(100);
    failAfterBatch(diskFull);
    world.runner.end(task.id);
    await comesBack();
    await reading;
    expect(seen.at(-1)).toEqual({ kind: "end", state: "SUCCESS" });
  });
});

describe("an engine whose store comes back", () => {
  it("opens it once more where it fails again while runs are asked after", async () => {
    const ended = await world.submit({});
    const slow = await world.submit({});
    const { promise, resolve } = Promise.withResolvers<void>();
    setFault("batch", diskFull);
    world.runner.end(ended.id, { exitCode: 4 });
    await settle();
    endFaults();
    inquire = async (id, attempt) => {
      if (id === slow.id) await promise;
      else setFault("batch", diskFull);
      return world.runner.inquire(id, attempt);
    };
    await world.clock.run(1_000);
    await settle();
    expect(control.status().ready).toBe(false);
    inquire = undefined;
    resolve();
    await comesBack();
    expect(control.status()).toMatchObject({ ready: true, problems: [] });
    expect(await world.find(ended.id)).toMatchObject({ state: "ERROR", exitCode: 4 });
    expect(await world.find(slow.id)).toMatchObject({ state: "RUNNING" });
  });

  it("knows each task once, though it failed again while it was read", async () => {
    const tasks = [await world.submit({}), await world.submit({}), await world.submit({})];
    let failures = 0;
    scan = async function* (table, range) {
      for await (const row of world.store.scan(table, range)) {
        yield row;
        if (table !== "task" || failures > 0) continue;
        failures += 1;
        throw new BlanketError("STORE_UNAVAILABLE", "It can't be read now.");
      }
    };
    await loseStore();
    await comesBack();
    expect(failures).toBe(1);
    const listed = await control.list({}, page);
    expect(listed.map(({ id }) => id).toSorted()).toEqual(tasks.map(({ id }) => id).toSorted());
    expect(await control.count({})).toBe(3);
  });

  it("does not vote again where synced records were lost", async () => {
    const task = await world.submit({});
    await world.store.write([{ kind: "put", table: "meta", key: "corrupted", value: 1 }]);
    await loseStore();
    await comesBack();
    const { ready, problems } = control.status();
    expect(ready).toBe(false);
    expect(problems[0]).toContain("new identity");
    expect(await world.find(task.id)).toMatchObject({ state: "HELD", reason: problems[0] });
  });

  it("refuses to be asked while it reads, rather than deny what it has not read yet", async () => {
    const { id } = await world.submit({});
    const { promise, resolve } = Promise.withResolvers<void>();
    scan = async function* (table, range) {
      await promise;
      yield* world.store.scan(table, range);
    };
    await loseStore();
    await world.clock.run(1_000);
    const all = { streams: ["stdout"], from: { stdout: 0, stderr: 0 }, follow: false } as const;
    const { signal } = new AbortController();
    const questions = [
      () => control.find(id),
      () => control.list({}, page),
      () => control.count({}),
      () => control.wait(id as never, signal),
      () => control.log(id, all, signal),
      () => control.logTail(id, ["stdout"], 1),
      () => control.result(id, ""),
      () => control.progress(id, 1, null),
    ];
    for (const ask of questions) {
      await expect(ask()).rejects.toMatchObject({ code: "STORE_UNAVAILABLE" });
    }
    resolve();
    await world.clock.run(0);
    expect((await control.find(id)).state).toBe("RUNNING");
  });

  it("keeps to where REST was said to listen meanwhile", async () => {
    await loseStore();
    world.engine.open({ url: "http://127.0.0.1:9999", port: 9_999 });
    await comesBack();
    await world.submit({});
    expect(world.runner.launched[0]?.environment["BLANKET_URL"]).toBe("http://127.0.0.1:9999");
  });

  it("takes nothing that was begun before, and is not known any more", async () => {
    const { promise: reading, resolve: read } = Promise.withResolvers<void>();
    const { promise: scanning, resolve: scanned } = Promise.withResolvers<void>();
    get = async (table, key) => {
      const found = await world.store.get(table, key);
      if (table === "task") await reading;
      return found;
    };
    const submission = { type: "plain", environment: {}, tags: [], files: [], key: "once" };
    const asked = outcomeOf(control.submit(submission, "local"));
    await settle();
    await loseStore();
    scan = async function* (table, range) {
      if (table === "task") await scanning;
      yield* world.store.scan(table, range);
    };
    await world.clock.run(600);
    await settle();
    read();
    await settle();
    expect(asked.code).toBe("STORE_UNAVAILABLE");
    get = undefined;
    scanned();
    await settle();
    const { task } = await control.submit(submission, "local");
    expect(await world.reaches(task.id, "RUNNING")).toMatchObject({ attempt: 1 });
  });

  it("fills a worker that an adopted run is in no second time", async () => {
    const first = await world.submit({});
    await world.submit({});
    await world.submit({});
    const { promise, resolve } = Promise.withResolvers<void>();
    inquire = async (id, attempt) => {
      if (id === first.id) await promise;
      return world.runner.inquire(id, attempt);
    };
    await loseStore();
    await world.clock.run(1_000);
    resolve();
    await world.clock.run(1_000);
    expect(world.runner.running()).toHaveLength(2);
    expect((await control.workers()).map(({ task }) => task)).toContain(first.id);
  });

  it("gives free workers the tasks that are first, not those that it read first", async () => {
    const running = [await world.submit({}), await world.submit({})];
    const waiting = [];
    for (let priority = 1; priority <= 8; priority += 1) {
      waiting.push((await world.submit({ priority })).id);
    }
    await loseStore();
    for (const { id } of running) world.runner.end(id);
    await comesBack();
    await settle();
    expect(world.runner.launched.slice(2).map(({ id }) => id)).toEqual([waiting[7], waiting[6]]);
  });

  it("ends a run whose cancel came while it was asked after", async () => {
    const task = await world.submit({});
    const { promise, resolve } = Promise.withResolvers<void>();
    inquire = async (id, attempt) => {
      const facts = await world.runner.inquire(id, attempt);
      await promise;
      return facts;
    };
    await loseStore();
    await world.clock.run(1_000);
    const answer = outcomeOf(control.cancel(task.id));
    await world.clock.run(0);
    resolve();
    await world.clock.run(100);
    expect(answer.value).toMatchObject({ state: "STOPPED" });
    expect((await control.workers()).map(({ state }) => state)).toEqual(["idle", "idle"]);
  });
});

describe("an engine that is stopped while its store is away", () => {
  it("does not wait for the next attempt to open it", async () => {
    await loseStore();
    const stopped = outcomeOf(world.engine.stop({ stopTasks: false }).then(() => "stopped"));
    await world.clock.run(0);
    expect(stopped.value).toBe("stopped");
  });

  it("does not come back to life when it opens", async () => {
    await world.submit({});
    await world.submit({});
    await world.submit({});
    const { promise, resolve } = Promise.withResolvers<void>();
    reopen = async () => {
      await promise;
      await world.store.reopen();
    };
    await loseStore();
    await world.clock.run(600);
    const stopped = world.engine.stop({ stopTasks: false });
    resolve();
    await world.clock.run(1_000);
    await stopped;
    expect(control.status().problems).toContain("it is stopping");
    await expect(world.submit({})).rejects.toMatchObject({ code: "NODE_STOPPING" });
  });
});
