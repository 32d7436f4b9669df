import { closeSync, readdirSync, readFileSync } from "node:fs";

/** From fcntl.h, as `/proc/<pid>/fdinfo` shows it: the file is closed when a program is started. */
const closedOnExec = 0o2_000_000;
/** Input, output, errors, and the socket to the daemon. */
const lastWantedFile = 3;

/**
 * Closes files that came from the shell or service that once started the daemon: tasks would get
 * them, and their other end would wait for the keeper. Node's own files all close on exec.
 */
export function closeInheritedFiles(): void {
  for (const name of readdirSync("/proc/self/fd")) {
    const file = Number(name);
    if (file > lastWantedFile && isInherited(file)) closeSync(file);
  }
}

function isInherited(file: number): boolean {
  try {
    const flags = /^flags:\s*([0-7]+)/m.exec(readFileSync(`/proc/self/fdinfo/${file}`, "latin1"));
    return flags?.[1] !== undefined && (Number.parseInt(flags[1], 8) & closedOnExec) === 0;
  } catch {
    // The one through which the names were read is closed by now.
    return false;
  }
}
