/**
 * Goal: one key is one task, however long a look into the store takes.
 * Method: a whole engine on doubles; a store that answers when the test lets it.
 */
import { afterEach, beforeEach, expect, it } from "vitest";

import type { EnginePorts } from "../../../src/engine/deps.ts";
import type { Store } from "../../../src/ports/store.ts";
import { createEngineWorld, type EngineWorld } from "../../support/engine-world.ts";

let world: EngineWorld;
/** What a test puts in front of the store's own. */
let get: Store["get"] | undefined;

beforeEach(async () => {
  get = undefined;
  world = await createEngineWorld({}, wrap);
});

afterEach(() => world.dispose());

function wrap(ports: EnginePorts): EnginePorts {
  const { store } = ports;
  return { ...ports, store: { ...store, get: (table, key) => (get ?? store.get)(table, key) } };
}

it("finds the task that was made, and ended, since the store was asked for its key", async () => {
  const { control } = world.engine;
  const submission = { type: "plain", environment: {}, tags: [], files: [], key: "once" };
  const asked = Promise.withResolvers<void>();
  const answered = Promise.withResolvers<void>();
  get = async (table, key) => {
    const found = await world.store.get(table, key);
    asked.resolve();
    await answered.promise;
    return found;
  };
  const slow = control.submit(submission, "local");
  await asked.promise;
  get = undefined;
  const { task } = await control.submit(submission, "local");
  await world.reaches(task.id, "RUNNING");
  world.runner.end(task.id);
  await world.reaches(task.id, "SUCCESS");
  answered.resolve();
  expect(await slow).toMatchObject({ created: false, task: { id: task.id, state: "SUCCESS" } });
  expect(world.runner.launched).toHaveLength(1);
});
