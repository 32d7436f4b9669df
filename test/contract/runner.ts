import { afterEach, describe, expect, it } from "vitest";

import type { TaskId } from "../../src/core/ids.ts";
import type { TestDaemon } from "../support/keeper.ts";

/** A runner under test, and how its commands are made to behave. */
export interface RunnerHarness {
  /** A daemon's side; asked for again, it is the next daemon on the same keeper. */
  daemon(): Promise<TestDaemon>;
  /** Starts a command that runs until it is released. */
  launch(id: TaskId, attempt: number): void;
  /** Lets the command of `id` end with this exit code. */
  release(id: TaskId, exitCode: number): void;
  /** How often a command of `id` was really started. */
  starts(id: TaskId): number;
  dispose(): Promise<void>;
}

/** What every Runner promises, whether it has processes or not. */
export function describeRunner(name: string, open: () => RunnerHarness): void {
  describe(`${name} as a Runner`, () => {
    let harness: RunnerHarness;
    const id = "a-task" as TaskId;

    afterEach(() => harness.dispose());

    it("tells the start of a command, then its end as it was", async () => {
      harness = open();
      const daemon = await harness.daemon();
      harness.launch(id, 1);
      const { pid } = await daemon.startOf(id);
      expect(pid).toBeGreaterThan(1);
      expect(daemon.runner.status().running).toBe(1);
      harness.release(id, 3);
      expect(await daemon.endOf(id)).toMatchObject({ cause: "exited", exitCode: 3 });
      expect(daemon.told.map(({ kind }) => kind)).toEqual(["started", "ended"]);
    });

    it("starts an attempt once, however often it is asked, and the next one anew", async () => {
      harness = open();
      const daemon = await harness.daemon();
      harness.launch(id, 1);
      harness.launch(id, 1);
      await daemon.startOf(id);
      harness.release(id, 0);
      await daemon.endOf(id);
      harness.launch(id, 1);
      daemon.runner.acknowledge(id, 1);
      harness.launch(id, 1);
      harness.launch(id, 2);
      await daemon.startOf(id, 2);
      harness.release(id, 0);
      await daemon.endOf(id, 2);
      expect(harness.starts(id)).toBe(2);
    });

    it("ends what is stopped, and says so", async () => {
      harness = open();
      const daemon = await harness.daemon();
      harness.launch(id, 1);
      await daemon.startOf(id);
      daemon.runner.stop(id, 1, 10_000);
      expect(await daemon.endOf(id)).toMatchObject({ cause: "stopped", signal: "SIGTERM" });
    });

    it("never starts what it was asked about before", async () => {
      harness = open();
      const daemon = await harness.daemon();
      expect(await daemon.runner.inquire(id, 1)).toEqual({ kind: "voided" });
      harness.launch(id, 1);
      await daemon.voidOf(id);
      expect(harness.starts(id)).toBe(0);
    });

    it("tells the next daemon what runs, and then how it ends", async () => {
      harness = open();
      const first = await harness.daemon();
      harness.launch(id, 1);
      const { pid } = await first.startOf(id);
      await first.runner.disconnect();
      const next = await harness.daemon();
      expect(await next.runner.inquire(id, 1)).toMatchObject({ kind: "running", pid });
      harness.release(id, 4);
      expect(await next.endOf(id)).toMatchObject({ cause: "exited", exitCode: 4 });
      expect(next.told.map(({ kind }) => kind)).toEqual(["ended"]);
      expect(first.told.map(({ kind }) => kind)).toEqual(["started"]);
    });

    it("tells the next daemon how something ended while there was none", async () => {
      harness = open();
      const first = await harness.daemon();
      harness.launch(id, 1);
      const { pid } = await first.startOf(id);
      harness.release(id, 5);
      await first.endOf(id);
      await first.runner.disconnect();
      const next = await harness.daemon();
      const end = { cause: "exited", exitCode: 5 };
      expect(await next.runner.inquire(id, 1)).toMatchObject({ kind: "ended", pid, end });
      expect(next.told).toEqual([]);
    });

    it("forgets the ends that the next daemon does not ask for", async () => {
      harness = open();
      const first = await harness.daemon();
      const other = "another-task" as TaskId;
      for (const task of [id, other]) {
        harness.launch(task, 1);
        await first.startOf(task);
        harness.release(task, 5);
        await first.endOf(task);
      }
      await first.runner.disconnect();
      const next = await harness.daemon();
      expect(await next.runner.inquire(id, 1)).toMatchObject({ kind: "ended" });
      next.runner.recovered();
      expect(await next.runner.inquire(id, 1)).toMatchObject({ kind: "ended" });
      expect(await next.runner.inquire(other, 1)).toMatchObject({ kind: "vanished" });
      harness.launch(other, 1);
      expect(await next.endOf(other)).toMatchObject({ cause: "lost" });
      expect(harness.starts(other)).toBe(1);
    });

    it("knows the running kernel, the same one each time", async () => {
      harness = open();
      const { runner } = await harness.daemon();
      expect(runner.kernelBootId()).not.toBe("");
      expect(runner.kernelBootId()).toBe(runner.kernelBootId());
    });
  });
}
