/**
 * Goal: whatever users, commands, the keeper, the disk and the power do, and in whatever order, no
 * attempt starts twice, no unsafe task runs again, nothing is said that is not on disk, and in the
 * end every task has ended or says why not.
 * Method: a whole engine on doubles; a seed decides what happens next, without waiting for answers;
 * an oracle sees each start and each answer. Then faults end, commands end, and time passes.
 * BLANKET_RUNS says how many seeds are lived through, BLANKET_SEED the first one; a violation names
 * its seed and what happened before it.
 */
import { describe, expect, it } from "vitest";

import { endFaults } from "../doubles/faulty-level.ts";
import { actByChance } from "../support/engine-chaos/actions.ts";
import { createChaosWorld, type ChaosWorld } from "../support/engine-chaos/chaos-world.ts";
import { checkAtRest, checkNow } from "../support/engine-chaos/checks.ts";

/** One takes some 50 ms and more: the heavy suite, which asks for thousands, gets this many. */
const seeds = Math.min(Number(process.env["BLANKET_RUNS"] ?? 200), 600);
const firstSeed = Number(process.env["BLANKET_SEED"] ?? 1);
const steps = 40;

describe("an engine in an unkind world", () => {
  it(`breaks no promise in ${seeds} seeds, and gets a lot done`, async () => {
    let started = 0;
    for (let seed = firstSeed; seed < firstSeed + seeds; seed += 1) started += await live(seed);
    // A single seed, lived through once more, may be a quiet one.
    expect(started).toBeGreaterThan(seeds < 50 ? 0 : seeds * 5);
  });

  it("lives the same life again with the same seed", async () => {
    expect(await live(77)).toBe(await live(77));
  });
});

/** Lives through one seed; how many commands were started. */
async function live(seed: number): Promise<number> {
  const chaos = await createChaosWorld(seed);
  const trace: string[] = [];
  try {
    for (let step = 0; step < steps; step += 1) {
      trace.push(await actByChance(chaos));
      await chaos.turns(chaos.chance.below(6));
      await checkNow(chaos);
    }
    await comeToRest(chaos);
    await checkAtRest(chaos);
    trace.push("a last restart");
    await chaos.restart(() => undefined);
    await comeToRest(chaos);
    await checkAtRest(chaos);
    return chaos.world().runner.launched.length;
  } catch (error) {
    throw new Error(`seed ${seed}: ${String(error)}\nafter ${trace.join(", ")}`, { cause: error });
  } finally {
    await chaos.dispose();
  }
}

/** Ends all faults and commands, and lets time pass until nothing happens any more. */
async function comeToRest(chaos: ChaosWorld): Promise<void> {
  const { runner, clock } = chaos.world();
  endFaults();
  runner.refuse(undefined);
  runner.deafen(false);
  for (const what of ["answers", "directories"] as const) chaos.release(what);
  // Longer than any pause of the engine: the delay of a retry, that before the store is tried.
  for (let quiet = 0, round = 0; quiet < 6 && round < 100; round += 1) {
    for (const run of runner.running()) {
      chaos.oracle.ended(run, 0);
      runner.end(run.id);
    }
    await chaos.turns(6);
    await clock.run(5_000);
    await chaos.turns(6);
    quiet = runner.running().length === 0 ? quiet + 1 : 0;
    chaos.findViolation();
  }
}
