/**
 * Run as a process of its own: opens the store in the directory given and writes numbered records,
 * four at a time, until it is killed. Prints the number of each one that is on disk, a line each.
 * Where the store can't be opened it prints the error's code and ends.
 */
import { openLevelStore } from "../../src/adapters/store-level/store-level.ts";
import { BlanketError } from "../../src/core/errors.ts";
import { createSilentLog } from "../doubles/silent-log.ts";
import { storedTask } from "./stored.ts";

const [directory = "", from = "0"] = process.argv.slice(2);
const writers = 4;

try {
  const store = await openLevelStore({ log: createSilentLog() }, { directory, module: "level" });
  let next = Number(from);
  const write = async () => {
    for (;;) {
      const task = storedTask((next += 1));
      await store.write([{ kind: "put", table: "task", key: task.id, value: task }]);
      process.stdout.write(`${task.seq}\n`);
    }
  };
  await Promise.all(Array.from({ length: writers }, write));
} catch (error) {
  process.stdout.write(`${error instanceof BlanketError ? error.code : String(error)}\n`);
}
