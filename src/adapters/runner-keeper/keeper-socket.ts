import { spawn } from "node:child_process";
import { closeSync, constants, openSync, statSync } from "node:fs";
import { createConnection, type Socket } from "node:net";
import { join } from "node:path";

/** Ways to a keeper: the socket of one that lives, or a new one with a socket in its hands. */

/** The longest name that fits a socket's address together with its closing zero byte: unix(7). */
const socketPathBytesMax = 107;
/** What the keeper has to say is little; past this its log begins anew. */
const logBytesMax = 1024 * 1024;
/**
 * A keeper holds little and lives long. One thread and a small young generation keep its memory
 * small, it collects garbage when it is idle, and a bound makes a leak show itself as an end, which
 * costs outcomes but no node.
 */
const nodeFlags = [
  "--single-threaded",
  "--max-semi-space-size=1",
  "--max-old-space-size=192",
  "--expose-gc",
];

export interface KeeperProgram {
  /** Absolute path of Node. */
  readonly nodeBinary: string;
  /** Absolute path of `src/keeper/main.ts`, or of what it is compiled to. */
  readonly keeperEntry: string;
  readonly keeperFlags: readonly string[];
}

/** The files of a data directory's keeper. */
export function keeperDirectory(dataDirectory: string): string {
  return join(dataDirectory, "keeper");
}

/** Connects to the keeper that listens; undefined where nobody does. */
export function connectToKeeper(directory: string): Promise<Socket | undefined> {
  const path = join(directory, "socket");
  if (Buffer.byteLength(path) <= socketPathBytesMax) return connect(path);
  const open = openSync(directory, constants.O_RDONLY | constants.O_DIRECTORY);
  return connect(`/proc/self/fd/${open}/socket`).finally(() => closeSync(open));
}

function connect(path: string): Promise<Socket | undefined> {
  return new Promise((resolve, reject) => {
    const socket = createConnection(path);
    socket.once("connect", () => {
      socket.removeAllListeners("error");
      resolve(socket);
    });
    socket.once("error", (error: NodeJS.ErrnoException) => {
      const isAbsent = error.code === "ENOENT" || error.code === "ECONNREFUSED";
      if (isAbsent) resolve(undefined);
      else reject(error);
    });
  });
}

/** A keeper that was started, and how it went if it ended early. */
export interface StartedKeeper {
  readonly socket: Socket;
  /** Resolves with the exit code, 0 for a signal's end. Rejects where it could not be started. */
  readonly ended: Promise<number>;
}

/**
 * Starts a keeper in a session of its own, with the other end of the socket as its first daemon.
 */
export function startKeeper(
  { nodeBinary, keeperEntry, keeperFlags }: KeeperProgram,
  dataDirectory: string,
): StartedKeeper {
  const log = openLog(join(keeperDirectory(dataDirectory), "log"));
  try {
    const child = spawn(
      nodeBinary,
      [...nodeFlags, keeperEntry, "--connected", ...keeperFlags, dataDirectory],
      // Nothing of the daemon's environment: the keeper needs none, and could show it to others.
      { cwd: "/", env: {}, detached: true, stdio: ["ignore", "ignore", log, "pipe"] },
    );
    child.unref();
    const ended = new Promise<number>((resolve, reject) => {
      child.once("error", reject);
      child.once("exit", (code) => resolve(code ?? 0));
    });
    return { socket: child.stdio[3] as Socket, ended };
  } finally {
    closeSync(log);
  }
}

function openLog(path: string): number {
  const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  return openSync(path, size > logBytesMax ? "w" : "a", 0o600);
}
