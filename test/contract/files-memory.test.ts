/**
 * Goal: the files in memory that other tests rely on answer as those on disk do.
 * Method: the suite of the port.
 */
import { createManualClock } from "../doubles/manual-clock.ts";
import { createMemoryFiles } from "../doubles/memory-files.ts";
import { describeFiles } from "./files.ts";

describeFiles("in memory", () => {
  const clock = createManualClock();
  const sources: Record<string, string> = {};
  const files = createMemoryFiles({ clock }, { sources });
  return Promise.resolve({
    files,
    write: (id, path, content) => Promise.resolve(files.write(id, path, content)),
    age: clock.advance,
    source(path, content) {
      sources[`/types/${path}`] = content;
      return Promise.resolve("/types");
    },
  });
});
