import { constants as fileConstants } from "node:fs";
import { constants } from "node:os";
import process from "node:process";

import type * as koffiModule from "koffi";

import { readProcess } from "./processes.ts";
import {
  type ChildExit,
  type Command,
  type Spawner,
  type SpawnResult,
  stderrLog,
  stdoutLog,
} from "./spawner.ts";

export type Koffi = typeof koffiModule;
type Library = ReturnType<Koffi["load"]>;

/** glibc and musl need at most 336 bytes for either; they are never looked into. */
const attributesBytes = 512;
const actionsBytes = 256;
const signalSetBytes = 128;

/** From spawn.h of Linux's C libraries. */
const setGroup = 2;
const setDefaultSignals = 4;
const setSignalMask = 8;

/** From sys/wait.h, and the layout of siginfo_t on 64-bit Linux: waitid(2). */
const anyChild = 0;
const onlyLook = 0x0100_0000;
const endedOnly = 4;
const withoutWaiting = 1;
const siginfoBytes = 128;
const codeOffset = 8;
const pidOffset = 16;
const statusOffset = 24;
const endedByItself = 1;

/** From sys/prctl.h. */
const setChildSubreaper = 36;

const signalNames = namesOf(constants.signals);
const errorNames = namesOf(constants.errno);

/**
 * Starts commands with the C library's `posix_spawn`. The child borrows the keeper's memory until
 * its program runs, where `fork` would first copy the page tables of a whole Node process.
 * @throws whatever koffi throws where the C library lacks a function
 */
export function createPosixSpawner(koffi: Koffi): Spawner {
  const library = koffi.load(null);
  const spawn = library.func(
    "int posix_spawnp(void *pid, const char *file, void *actions, void *attributes, " +
      "const char **argv, const char **envp)",
  );
  const setPath = pathSetter(library);
  const attributes = leaderAttributes(library);
  const actions = outputToFiles(library);
  const prctl = library.func("int prctl(int option, ulong a, ulong b, ulong c, ulong d)");
  const session = readProcess(process.pid)?.session ?? 0;
  const pid = Buffer.alloc(4);

  function start({ argv, environment, directory }: Command): SpawnResult {
    const code = enter(directory);
    if (code !== undefined) return { kind: "failed", code };
    setPath(environment["PATH"]);
    const variables: (string | null)[] = [];
    for (const name in environment) variables.push(`${name}=${environment[name]}`);
    variables.push(null);
    const failure: number = spawn(pid, argv[0], actions, attributes, [...argv, null], variables);
    process.chdir("/");
    if (failure === 0) return { kind: "spawned", pid: pid.readInt32LE(0), session };
    return { kind: "failed", code: errorNames.get(failure) ?? `error ${failure}` };
  }

  return {
    kind: "posix_spawn",
    adoptsOrphans: prctl(setChildSubreaper, 1, 0, 0, 0) === 0,
    start: (command, done) => done(start(command)),
    listen(ended, turn) {
      process.on("SIGCHLD", createReaper(library, ended, turn));
    },
  };
}

/** The child takes over the keeper's working directory: cheaper than having it change its own. */
function enter(directory: string): string | undefined {
  try {
    process.chdir(directory);
    return undefined;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? "EIO";
  }
}

/** `posix_spawnp` searches the caller's PATH, and each command has one of its own. */
function pathSetter(library: Library): (path: string | undefined) => void {
  const set = library.func("int setenv(const char *name, const char *value, int overwrite)");
  const unset = library.func("int unsetenv(const char *name)");
  let present: string | undefined | null = null;
  return (path) => {
    if (path === present) return;
    present = path;
    if (path === undefined) unset("PATH");
    else set("PATH", path, 1);
  };
}

/** A group of its own, and no signal that is blocked or ignored because Node wants it so. */
function leaderAttributes(library: Library): Buffer {
  const attributes = Buffer.alloc(attributesBytes);
  // Not `sigfillset`, which leaves out two of the C library's own: those would stay ignored.
  const all = Buffer.alloc(signalSetBytes, 0xff);
  const none = Buffer.alloc(signalSetBytes);
  library.func("int posix_spawnattr_init(void *attributes)")(attributes);
  library.func("int posix_spawnattr_setpgroup(void *attributes, int group)")(attributes, 0);
  library.func("int posix_spawnattr_setsigdefault(void *attributes, void *set)")(attributes, all);
  library.func("int posix_spawnattr_setsigmask(void *attributes, void *set)")(attributes, none);
  library.func("int posix_spawnattr_setflags(void *attributes, short flags)")(
    attributes,
    setGroup | setDefaultSignals | setSignalMask,
  );
  return attributes;
}

/** Input from nowhere, output to the two files in the directory that the child starts in. */
function outputToFiles(library: Library): Buffer {
  const { O_RDONLY, O_WRONLY, O_CREAT, O_APPEND } = fileConstants;
  const actions = Buffer.alloc(actionsBytes);
  library.func("int posix_spawn_file_actions_init(void *actions)")(actions);
  const open = library.func(
    "int posix_spawn_file_actions_addopen(void *actions, int fd, const char *path, int flags, uint mode)",
  );
  const append = O_WRONLY | O_CREAT | O_APPEND;
  open(actions, 0, "/dev/null", O_RDONLY, 0);
  open(actions, 1, stdoutLog, append, 0o644);
  open(actions, 2, stderrLog, append, 0o644);
  return actions;
}

/** Looks at each child that has ended before it reaps it: until then its pid stays taken. */
function createReaper(
  library: Library,
  ended: (pid: number, exit: ChildExit) => void,
  turn: () => void,
): () => void {
  const look = library.func("int waitid(int type, int id, void *info, int options)");
  const reap = library.func("int waitpid(int pid, void *status, int options)");
  const info = Buffer.alloc(siginfoBytes);
  const options = endedOnly | withoutWaiting | onlyLook;
  return () => {
    for (;;) {
      info.writeInt32LE(0, pidOffset);
      if (look(anyChild, 0, info, options) !== 0) break;
      const pid = info.readInt32LE(pidOffset);
      if (pid === 0) break;
      const status = info.readInt32LE(statusOffset);
      const isOwnDoing = info.readInt32LE(codeOffset) === endedByItself;
      ended(pid, isOwnDoing ? { exitCode: status } : { signal: signalName(status) });
      reap(pid, null, withoutWaiting);
    }
    turn();
  };
}

function signalName(number: number): string {
  return signalNames.get(number) ?? `signal ${number}`;
}

/** Numbers with their names; the first one where a number has two. */
function namesOf(numbers: object): ReadonlyMap<number, string> {
  return new Map(
    Object.entries(numbers)
      .toReversed()
      .map(([name, number]) => [number as number, name]),
  );
}
