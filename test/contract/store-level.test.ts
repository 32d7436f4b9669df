/**
 * Goal: the store on LevelDB keeps the promises of the port, and keeps data over its own end.
 * Method: the suite of the port on a real database in a temporary directory, then what only a disk
 * can show: reopening by another instance, its lock, foreign and newer databases.
 */
import { describe, expect, it } from "vitest";

import { openLevelStore } from "../../src/adapters/store-level/store-level.ts";
import { createSilentLog } from "../doubles/silent-log.ts";
import { tempDirectory } from "../support/temp-directory.ts";
import { describeStore } from "./store.ts";

const open = (directory: string) =>
  openLevelStore({ log: createSilentLog() }, { directory, module: "level" });

describeStore("level", { open: async () => open(await tempDirectory()) });

describe("a store on disk", () => {
  it("has what was written when it is opened another time", async () => {
    const directory = await tempDirectory();
    const first = await open(directory);
    await first.write([{ kind: "put", table: "meta", key: "name", value: "rabbit" }]);
    await first.close();
    const second = await open(directory);
    expect(await second.get("meta", "name")).toBe("rabbit");
    await second.close();
  });
});
