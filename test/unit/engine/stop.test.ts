/**
 * Goal: an engine that is told to end its tasks ends those that run and begins no others, and does
 * not wait for ever.
 * Method: a whole engine on doubles whose commands obey, or do not.
 */
import { afterEach, beforeEach, expect, it } from "vitest";

import type { Store } from "../../../src/ports/store.ts";
import { createEngineWorld, type EngineWorld } from "../../support/engine-world.ts";

let world: EngineWorld;
/** What a test puts in front of the store's own. */
let write: Store["write"] | undefined;

beforeEach(async () => {
  write = undefined;
  world = await createEngineWorld({ slots: 1 }, (ports) => {
    const { store } = ports;
    return { ...ports, store: { ...store, write: (ops) => (write ?? store.write)(ops) } };
  });
});

afterEach(() => world.dispose());

it("ends what runs, and gives the free worker to none of those that wait", async () => {
  const { engine, runner } = world;
  const running = await world.submit({});
  const waiting = await world.submit({});
  await engine.stop({ stopTasks: true });
  expect(runner.launched.map(({ id }) => id)).toEqual([running.id]);
  world = await world.restart({ slots: 0 });
  expect(await world.find(running.id)).toMatchObject({ state: "STOPPED", attempt: 1 });
  expect(await world.find(waiting.id)).toMatchObject({ state: "WAITING", attempt: 0 });
});

it("gives up what is not gone some time after its grace, for the next start to end", async () => {
  const { engine, runner, clock, log } = world;
  const { id } = await world.submit({});
  runner.deafen(true);
  let isStopped = false;
  const stopped = engine.stop({ stopTasks: true }).then(() => (isStopped = true));
  await clock.run(14_900);
  expect(isStopped).toBe(false);
  await clock.run(200);
  await stopped;
  expect(log.entries).toContainEqual({
    level: "warn",
    message: "tasks did not end in time; the next start ends them",
    fields: { tasks: [id] },
  });
  runner.deafen(false);
  world = await world.restart();
  expect(await world.reaches(id, "STOPPED")).toMatchObject({ attempt: 1 });
});

it("ends what is being claimed while it is told to", async () => {
  const { engine, runner, store } = world;
  const { promise, resolve } = Promise.withResolvers<void>();
  write = async (operations) => {
    await promise;
    await store.write(operations);
  };
  const submission = { type: "plain", environment: {}, tags: [], files: [] };
  const submitted = engine.control.submit(submission, "local");
  const stopped = engine.stop({ stopTasks: true });
  resolve();
  const { task } = await submitted;
  await stopped;
  expect(runner.running()).toEqual([]);
  write = undefined;
  world = await world.restart({ slots: 0 });
  expect((await world.find(task.id)).state).toBe("STOPPED");
});
