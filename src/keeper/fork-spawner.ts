import { spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { join } from "node:path";

import {
  type ChildExit,
  type Command,
  type Spawner,
  type SpawnResult,
  stderrLog,
  stdoutLog,
} from "./spawner.ts";

/**
 * Starts commands with Node's own means, where koffi does not load. Slower, and it can't become the
 * parent of orphans: those are found by their environment alone.
 */
export function createForkSpawner(): Spawner {
  let listener: Listener | undefined;

  function launch(command: Command, files: readonly [number, number], done: Done): void {
    const [program = "", ...rest] = command.argv;
    const child = spawn(program, rest, {
      cwd: command.directory,
      env: command.environment,
      detached: true,
      stdio: ["ignore", ...files],
    });
    const { pid } = child;
    child.on("error", (error) => {
      if (pid === undefined) done({ kind: "failed", code: codeOf(error) });
    });
    if (pid === undefined) return;
    child.on("exit", (exitCode, signal) => {
      listener?.ended(pid, signal === null ? { exitCode: exitCode ?? 0 } : { signal });
      listener?.turn();
    });
    done({ kind: "spawned", pid, session: pid });
  }

  return {
    kind: "fork",
    adoptsOrphans: false,
    start(command, done) {
      const files: number[] = [];
      try {
        for (const name of [stdoutLog, stderrLog]) {
          files.push(openSync(join(command.directory, name), "a", 0o644));
        }
        launch(command, files as [number, number], done);
      } catch (error) {
        done({ kind: "failed", code: codeOf(error) });
      } finally {
        for (const file of files) closeSync(file);
      }
    },
    listen(ended, turn) {
      listener = { ended, turn };
    },
  };
}

interface Listener {
  ended(pid: number, exit: ChildExit): void;
  turn(): void;
}

type Done = (result: SpawnResult) => void;

function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? "EIO";
}
