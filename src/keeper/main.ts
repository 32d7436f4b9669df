import { constants, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { type Server, Socket } from "node:net";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";

import { keeperProtocol } from "../contract/keeper-lines.ts";
import { version } from "../core/version.ts";
import { createDaemonDoor } from "./daemon-door.ts";
import { closeInheritedFiles } from "./inherited-files.ts";
import type { Past } from "./journal-lines.ts";
import { openJournal, readJournal } from "./journal.ts";
import { createKeeper } from "./keeper.ts";
import { later } from "./later.ts";
import { loadNative } from "./load-native.ts";
import { isLive } from "./proc-stat.ts";
import { readProcess } from "./processes.ts";
import { createTidying } from "./tidy.ts";

/**
 * The keeper's program: `main.ts [--connected] [--fork] DATA-DIRECTORY`. With `--connected` file
 * descriptor 3 is a socket to the daemon that started it; `--fork` leaves koffi alone.
 */

/** The exit code that says: another keeper of this data directory lives. */
const anotherLives = 75;
/** How long it waits for a daemon when it has nothing to do. */
const lingerMs = 3_000;

const { values: flags, positionals } = parseArgs({
  options: { connected: { type: "boolean" }, fork: { type: "boolean" } },
  allowPositionals: true,
});
await main(join(resolve(positionals[0] ?? "."), "keeper"));

async function main(directory: string): Promise<void> {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  process.chdir("/");
  closeInheritedFiles();
  const { spawner, takeFile } = await loadNative(flags.fork ?? false, say);
  if (!takeFile(openSync(join(directory, "lock"), "a", 0o600))) process.exit(anotherLives);
  const kernelBootId = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
  const past = readJournal(join(directory, "journal"));
  if (isWriterAlive(past, kernelBootId)) process.exit(anotherLives);
  if (past.damaged > 0) say(`${past.damaged} lines of its journal can't be read and are left out.`);

  let cancelEnd: (() => void) | undefined;
  const endWhenIdle = (): void => {
    const isIdle = !keeper.isBusy() && !door.hasDaemon();
    if (isIdle) cancelEnd ??= later(lingerMs, () => end(directory));
    else {
      cancelEnd?.();
      cancelEnd = undefined;
    }
  };
  const tidyLater = createTidying(() => keeper.isBusy());
  const door = createDaemonDoor(
    { kind: "hello", protocol: keeperProtocol, version, pid: process.pid, spawner: spawner.kind },
    {
      take: (line) => keeper.take(line),
      turn: () => keeper.turn(),
      changed: endWhenIdle,
      say,
    },
  );
  const keeper = createKeeper(
    {
      spawner,
      past,
      openJournal: (allLines) => openJournal(join(directory, "journal"), allLines),
      tell: door.tell,
      send() {
        door.send();
        endWhenIdle();
        tidyLater();
      },
    },
    { pid: process.pid, startTicks: readProcess(process.pid)?.startTicks ?? 0, kernelBootId },
  );
  writeFileSync(join(directory, "pid"), `${process.pid}`, { mode: 0o600 });
  listen(door.server, directory);
  if (flags.connected === true) door.welcome(new Socket({ fd: 3, readable: true, writable: true }));
  keeper.turn();
}

/** Whether the keeper that wrote this journal is still there. A pid alone proves nothing. */
function isWriterAlive({ keeper }: Past, kernelBootId: string): boolean {
  if (keeper === undefined || keeper.kernelBootId !== kernelBootId) return false;
  const writer = readProcess(keeper.pid);
  return writer !== undefined && isLive(writer) && writer.startTicks === keeper.startTicks;
}

/**
 * A socket's name holds 107 bytes, and data directories may lie deeper: the kernel reaches this one
 * through the open directory. Only its owner may connect.
 */
function listen(server: Server, directory: string): void {
  const open = openSync(directory, constants.O_RDONLY | constants.O_DIRECTORY);
  rmSync(join(directory, "socket"), { force: true });
  const mask = process.umask(0o177);
  server.listen(`/proc/self/fd/${open}/socket`);
  process.umask(mask);
}

function end(directory: string): void {
  rmSync(join(directory, "socket"), { force: true });
  rmSync(join(directory, "pid"), { force: true });
  process.exit(0);
}

/** Its error output is a file beside its journal. */
function say(text: string): void {
  process.stderr.write(`${new Date().toISOString()} ${text}\n`);
}
