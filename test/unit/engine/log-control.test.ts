/**
 * Goal: readers of logs are bounded in number, are let go when they leave, and see the end of a
 * task whenever that comes.
 * Method: a whole engine on doubles; readers that begin late, or never.
 */
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { limits } from "../../../src/core/limits.ts";
import type { LogEvent } from "../../../src/ports/control.ts";
import { createEngineWorld, type EngineWorld } from "../../support/engine-world.ts";

let world: EngineWorld;
let id: string;

beforeEach(async () => {
  world = await createEngineWorld();
  ({ id } = await world.submit({}));
  await world.reaches(id, "RUNNING");
});

afterEach(() => world.dispose());

const follow = { streams: ["stdout"], from: { stdout: 0, stderr: 0 }, follow: true } as const;

function open(signal = new AbortController().signal): Promise<AsyncIterable<LogEvent>> {
  return world.engine.control.log(id, follow, signal);
}

async function settle(): Promise<void> {
  for (let turn = 0; turn < 10; turn += 1) await world.clock.run(0);
}

/** Reads in the background; what it has seen so far, and whether it is done. */
function read(events: AsyncIterable<LogEvent>) {
  const reader = { seen: [] as LogEvent[], isDone: false };
  void (async () => {
    for await (const event of events) reader.seen.push(event);
    reader.isDone = true;
  })();
  return reader;
}

describe("a reader of a log", () => {
  it("sees lines as they come, and the end", async () => {
    const reader = read(await open());
    world.files.append(id as never, "blanket.stdout.log", "one\ntw");
    await world.clock.run(200);
    world.files.append(id as never, "blanket.stdout.log", "o\nthree");
    await world.clock.run(200);
    world.runner.end(id);
    await settle();
    expect(reader.seen.map((event) => (event.kind === "line" ? event.text : event))).toEqual([
      "one",
      "two",
      "three",
      { kind: "end", state: "SUCCESS" },
    ]);
    expect(reader.isDone).toBe(true);
  });

  it("that begins after the task has ended sees the end all the same", async () => {
    const events = await open();
    world.runner.end(id);
    await world.reaches(id, "SUCCESS");
    const reader = read(events);
    await settle();
    expect(reader.seen).toEqual([{ kind: "end", state: "SUCCESS" }]);
  });

  it("of a task that ended long ago reads what is on disk", async () => {
    world.runner.end(id);
    await world.reaches(id, "SUCCESS");
    world = await world.restart();
    const reader = read(await open());
    await settle();
    expect(reader.seen).toEqual([{ kind: "end", state: "SUCCESS" }]);
  });

  it("of no task is told so", async () => {
    await expect(
      world.engine.control.log("9999", follow, new AbortController().signal),
    ).rejects.toMatchObject({ code: "TASK_UNKNOWN" });
  });
});

describe("the number of readers", () => {
  const many = { code: "STREAMS_TOO_MANY" };

  async function fill(count: number = limits.streamsMax, signal?: AbortSignal) {
    const all: AsyncIterable<LogEvent>[] = [];
    while (all.length < count) all.push(await open(signal));
    return all;
  }

  it("is bounded, also where none of them has begun to read", async () => {
    await fill();
    await expect(open()).rejects.toMatchObject(many);
  });

  it("counts none that has seen the end", async () => {
    const readers = (await fill()).map(read);
    await settle();
    await expect(open()).rejects.toMatchObject(many);
    world.runner.end(id);
    await settle();
    expect(readers.every(({ isDone }) => isDone)).toBe(true);
    await fill();
    await expect(open()).rejects.toMatchObject(many);
  });

  it("counts none that went away, whether it had begun or not", async () => {
    const gone = new AbortController();
    const [first] = await fill(limits.streamsMax, gone.signal);
    const reader = read(first as AsyncIterable<LogEvent>);
    await settle();
    gone.abort();
    await settle();
    expect(reader.isDone).toBe(true);
    await fill(2 * limits.streamsMax, gone.signal);
    await fill();
    await expect(open()).rejects.toMatchObject(many);
  });

  it("counts none that stopped listening", async () => {
    const [first] = await fill();
    world.files.append(id as never, "blanket.stdout.log", "one\ntwo\n");
    const iterator = (first as AsyncIterable<LogEvent>)[Symbol.asyncIterator]();
    expect(await iterator.next()).toMatchObject({ value: { text: "one" } });
    await iterator.return?.();
    await open();
    await expect(open()).rejects.toMatchObject(many);
  });
});
