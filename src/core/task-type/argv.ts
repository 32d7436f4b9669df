import { posixShellOf, programName } from "./executor.ts";

/**
 * What is started for a command: `X -c command` for any executor X, `cmd /c`, and
 * `powershell -Command` (CONTRACT section 4). A shell would read a command that begins with `-` or
 * `+` as its own options: a space in front keeps it a command.
 */
export function argvOf(executor: string, command: string): readonly string[] {
  const program = programName(executor)
    .toLowerCase()
    .replace(/\.exe$/, "");
  if (program === "cmd") return [executor, "/c", command];
  if (program === "powershell") return [executor, "-Command", command];
  const optionLike = posixShellOf(executor) !== undefined && /^[-+]/.test(command);
  return [executor, "-c", optionLike ? ` ${command}` : command];
}
