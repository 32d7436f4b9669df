import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { onTestFinished } from "vitest";

/** An empty directory that is gone when the test has ended. */
export async function tempDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), "blanket-test-"));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  return directory;
}
