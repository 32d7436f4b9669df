/**
 * Goal: users see how far a running task says it is, told over REST or through its file, and
 * nothing of it once the attempt is over.
 * Method: a whole engine on doubles; for what happens while files are read, the board alone.
 */
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import type { TaskId } from "../../../src/core/ids.ts";
import type { EnginePorts } from "../../../src/engine/deps.ts";
import { createProgressBoard } from "../../../src/engine/progress.ts";
import { createManualClock } from "../../doubles/manual-clock.ts";
import { createSilentLog } from "../../doubles/silent-log.ts";
import { createEngineWorld, type EngineWorld } from "../../support/engine-world.ts";

let world: EngineWorld;

beforeEach(async () => {
  world = await createEngineWorld();
});

afterEach(() => world.dispose());

async function running(type = "plain"): Promise<TaskId> {
  const { id } = await world.submit({ type });
  await world.reaches(id, "RUNNING");
  return id as TaskId;
}

async function progressOf(id: TaskId): Promise<readonly [number, string | null]> {
  const { progress, progressNote } = await world.find(id);
  return [progress, progressNote];
}

/** Time enough for the files to be read once more. */
async function aWhile(): Promise<void> {
  await world.clock.run(600);
  await world.clock.run(0);
}

describe("progress in a file", () => {
  it.each([
    ["40 half way", 40, "half way"],
    ["  7", 7, null],
    ["100", 100, null],
    ["33.5 % of it", 33.5, "of it"],
    ["5% begun\n12% linking", 12, "linking"],
    ["0", 0, null],
  ])("is shown (%j)", async (content, percent, note) => {
    const id = await running();
    world.files.write(id, "blanket.progress", content);
    await aWhile();
    expect(await progressOf(id)).toEqual([percent, note]);
  });

  it.each(["", "half way", "101", "1000", "-5", "40abc", "4e1", "1.2.3", "NaN"])(
    "that says nothing changes nothing (%j)",
    async (content) => {
      const id = await running();
      world.files.write(id, "blanket.progress", "25 so far");
      await aWhile();
      world.files.write(id, "blanket.progress", content);
      await aWhile();
      expect(await progressOf(id)).toEqual([25, "so far"]);
    },
  );

  it("is followed as it grows, for each running task, also after a restart", async () => {
    const [one, two] = [await running(), await running()];
    world.files.write(one, "blanket.progress", "10");
    world.files.write(two, "blanket.progress", "20");
    await aWhile();
    expect([await progressOf(one), await progressOf(two)]).toEqual([
      [10, null],
      [20, null],
    ]);
    world.files.write(one, "blanket.progress", "30 more");
    world = await world.restart();
    expect(await progressOf(one)).toEqual([0, null]);
    await aWhile();
    expect([await progressOf(one), await progressOf(two)]).toEqual([
      [30, "more"],
      [20, null],
    ]);
  });

  it("has a note that is cut where it is long", async () => {
    const id = await running();
    world.files.write(id, "blanket.progress", `5 ${"x".repeat(1_000)}`);
    await aWhile();
    expect(await progressOf(id)).toEqual([5, "x".repeat(200)]);
  });

  it("of an attempt is not that of the next one", async () => {
    const id = await running("stubborn");
    world.files.write(id, "blanket.progress", "80 almost");
    await aWhile();
    world.runner.end(id, { exitCode: 1 });
    await world.clock.run(10_000);
    await world.reaches(id, "RUNNING");
    expect(await progressOf(id)).toEqual([0, null]);
  });

  it("is 100 for a success, and nothing for what failed", async () => {
    const [good, bad] = [await running(), await running()];
    for (const id of [good, bad]) world.files.write(id, "blanket.progress", "50 half");
    await aWhile();
    world.runner.end(good);
    world.runner.end(bad, { exitCode: 1 });
    await aWhile();
    expect([await progressOf(good), await progressOf(bad)]).toEqual([
      [100, null],
      [0, null],
    ]);
  });
});

describe("progress that is told", () => {
  it("is shown at once", async () => {
    const id = await running();
    const shown = await world.engine.control.progress(id, 62, "linking");
    expect(shown).toMatchObject({ progress: 62, progressNote: "linking" });
    expect(await progressOf(id)).toEqual([62, "linking"]);
  });

  it("is refused for a task that does not run", async () => {
    const ended = await running();
    world.runner.end(ended);
    await world.reaches(ended, "SUCCESS");
    const waiting = await world.submit({ type: "gpu" });
    for (const id of [ended, waiting.id]) {
      await expect(world.engine.control.progress(id, 1, null)).rejects.toMatchObject({
        code: "TRANSITION_ILLEGAL",
      });
    }
  });
});

describe("the board", () => {
  const first = "first" as TaskId;
  const second = "second" as TaskId;

  function createBoard(readProgress: (id: TaskId) => Promise<string | undefined>) {
    const clock = createManualClock();
    const log = createSilentLog();
    const runs: TaskId[] = [first, second];
    const ports = { clock, log, files: { readProgress } } as unknown as EnginePorts;
    return { clock, runs, board: createProgressBoard(ports, () => [...runs]) };
  }

  it("forgets a task that ended while its file was read", async () => {
    const { promise, resolve } = Promise.withResolvers<string>();
    const { clock, runs, board } = createBoard(() => promise);
    board.wake();
    await clock.run(500);
    runs.shift();
    board.forget(first);
    resolve("40");
    await clock.run(0);
    expect(board.get(first)).toBeUndefined();
    expect(board.get(second)).toEqual({ percent: 40, note: null });
  });

  it("reads on where one file can't be read", async () => {
    const { clock, board } = createBoard((id) =>
      id === first ? Promise.reject(new Error("EACCES")) : Promise.resolve("7"),
    );
    board.wake();
    await clock.run(500);
    expect(board.get(second)).toEqual({ percent: 7, note: null });
    expect(clock.pending()).toBe(1);
  });

  it("has one look at a time, also where it was cleared in the middle of one", async () => {
    const reads: TaskId[] = [];
    let answer = Promise.withResolvers<string>();
    const { clock, board } = createBoard((id) => {
      reads.push(id);
      return answer.promise;
    });
    board.wake();
    await clock.run(500);
    board.clear();
    board.wake();
    answer.resolve("1");
    answer = Promise.withResolvers<string>();
    answer.resolve("2");
    await clock.run(499);
    expect(board.get(first)).toBeUndefined();
    expect(clock.pending()).toBe(1);
    await clock.run(1_000);
    expect(clock.pending()).toBe(1);
    expect(reads).toEqual([first, first, second, first, second]);
  });

  it("sleeps while nothing runs", async () => {
    const { clock, runs, board } = createBoard(() => Promise.resolve(undefined));
    board.wake();
    runs.length = 0;
    await clock.run(500);
    expect(clock.pending()).toBe(0);
  });
});
