/**
 * Goal: files on disk keep the promises of the port.
 * Method: the suite of the port in a temporary directory; time passes by a clock that begins now,
 * since files have the machine's times.
 */
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";

import { createDiskFiles } from "../../src/adapters/files-disk/files-disk.ts";
import { createManualClock } from "../doubles/manual-clock.ts";
import { createSilentLog } from "../doubles/silent-log.ts";
import { tempDirectory } from "../support/temp-directory.ts";
import { describeFiles } from "./files.ts";

async function put(path: string, content: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, content);
}

describeFiles("on disk", async () => {
  const directory = await tempDirectory();
  const clock = createManualClock(Date.now());
  const dataDirectory = join(directory, "data");
  const files = createDiskFiles({ log: createSilentLog(), clock }, { dataDirectory });
  const types = join(directory, "types");
  return {
    files,
    write: (id, path, content) => put(join(files.directoryOf(id), path), content),
    age: clock.advance,
    async source(path, content) {
      await put(join(types, path), content);
      return types;
    },
  };
});
