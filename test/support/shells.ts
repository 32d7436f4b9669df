import { spawnSync } from "node:child_process";

import { posixShells, type PosixShell } from "../../src/core/task-type/executor.ts";

/** The shells that Blanket quotes for and that this machine has; sh and bash are everywhere. */
export function installedShells(): readonly PosixShell[] {
  return posixShells.filter((shell) => spawnSync(shell, ["-c", "exit 0"]).status === 0);
}
