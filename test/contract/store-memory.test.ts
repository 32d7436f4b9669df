/**
 * Goal: another abstract-level module, named in the configuration, serves as the store.
 * Method: the suite of the port on memory-level, loaded by its name.
 */
import { openLevelStore } from "../../src/adapters/store-level/store-level.ts";
import { createSilentLog } from "../doubles/silent-log.ts";
import { tempDirectory } from "../support/temp-directory.ts";
import { describeStore } from "./store.ts";

describeStore("memory-level", {
  async open() {
    const directory = await tempDirectory();
    return openLevelStore({ log: createSilentLog() }, { directory, module: "memory-level" });
  },
});
