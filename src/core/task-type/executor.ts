/** The shells whose quoting Blanket knows: one word in single quotes is one word in all of them. */
export const posixShells = ["sh", "bash", "dash", "ksh", "zsh"] as const;

/** A member of {@link posixShells}. */
export type PosixShell = (typeof posixShells)[number];

/** The executor without its directory: `/bin/bash` is `bash`. */
export function programName(executor: string): string {
  return executor.slice(Math.max(executor.lastIndexOf("/"), executor.lastIndexOf("\\")) + 1);
}

/** Which of the known shells an executor is, by its name; undefined for all others. */
export function posixShellOf(executor: string): PosixShell | undefined {
  return posixShells.find((shell) => shell === programName(executor));
}
