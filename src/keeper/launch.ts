import { accessSync, closeSync, constants, mkdirSync, openSync, statSync } from "node:fs";
import { join } from "node:path";

import { type Command, type Spawner, type SpawnResult, stderrLog, stdoutLog } from "./spawner.ts";

/** What became of an attempt to start a command. */
export type LaunchResult =
  | Extract<SpawnResult, { kind: "spawned" }>
  /** It can't be started, now or later; `exitCode` is what a shell would say: 126 or 127. */
  | { readonly kind: "unstartable"; readonly exitCode: number; readonly reason: string }
  /** This machine is short of something just now; it was not started. */
  | { readonly kind: "short"; readonly reason: string };

/** As shells have it (POSIX, Shell Command Language, 2.8.2). */
export const notRunnable = 126;
export const notFound = 127;

const shortages: ReadonlySet<string> = new Set(["EAGAIN", "ENOMEM", "EMFILE", "ENFILE"]);

/** Starts a command, making its directory if that is missing, and says why where it can't. */
export function launch(
  spawner: Spawner,
  command: Command,
  done: (result: LaunchResult) => void,
): void {
  const { argv, environment, directory } = command;
  const texts = [...argv, ...Object.keys(environment), ...Object.values(environment), directory];
  if (texts.some((text) => text.includes("\0"))) {
    const reason = "Its command or environment holds a NUL byte, which no program can be given.";
    return done({ kind: "unstartable", exitCode: notRunnable, reason });
  }
  spawner.start(command, (first) => {
    if (first.kind === "spawned") return done(first);
    if (isDirectory(directory)) return done(explain(command, first.code));
    const code = makeDirectory(directory);
    if (code !== undefined) return done(explain(command, code));
    spawner.start(command, (second) =>
      done(second.kind === "spawned" ? second : explain(command, second.code)),
    );
  });
}

function isDirectory(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

function makeDirectory(path: string): string | undefined {
  return codeOf(() => void mkdirSync(path, { recursive: true }));
}

function codeOf(act: () => void): string | undefined {
  try {
    act();
    return undefined;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? "EIO";
  }
}

/** One errno stands for directory, log files and program alike: looks again at each, in order. */
function explain({ argv, environment, directory }: Command, code: string): LaunchResult {
  if (shortages.has(code)) {
    return { kind: "short", reason: `This machine can start no more processes now (${code}).` };
  }
  const atDirectory = codeOf(() => accessSync(directory, constants.X_OK));
  if (atDirectory !== undefined || !isDirectory(directory)) {
    return refused(
      notRunnable,
      `The directory ${directory} can't be used (${atDirectory ?? code}).`,
    );
  }
  for (const name of [stdoutLog, stderrLog]) {
    const path = join(directory, name);
    const atLog = codeOf(() => closeSync(openSync(path, "a", 0o644)));
    if (atLog !== undefined) return refused(notRunnable, `${path} can't be written (${atLog}).`);
  }
  const program = argv[0] ?? "";
  switch (code) {
    case "ENOENT":
      return program.includes("/")
        ? refused(notFound, `${program}, or the interpreter in its first line, does not exist.`)
        : refused(notFound, `${program} was not found on the PATH ${pathOf(environment)}.`);
    case "EACCES":
      return refused(notRunnable, `${program} is not an executable file (EACCES).`);
    case "ENOEXEC":
      return refused(notRunnable, `${program} is no program and has no #! line (ENOEXEC).`);
    case "E2BIG":
      return refused(notRunnable, "Its arguments and environment are too long (E2BIG).");
  }
  return refused(notRunnable, `${program} can't be started (${code}).`);
}

function refused(exitCode: number, reason: string): LaunchResult {
  return { kind: "unstartable", exitCode, reason };
}

function pathOf(environment: Readonly<Record<string, string>>): string {
  return environment["PATH"] ?? "(none is set)";
}
