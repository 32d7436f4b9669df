import { limits } from "../core/limits.ts";
import { posixShellOf } from "../core/task-type/executor.ts";
import type { TypeProblem } from "../core/task-type/task-type.ts";
import { parseTemplate, templateNames, type Template } from "../core/task-type/template.ts";

/** Either a type's command, or what keeps it from being one. */
export type CommandReading =
  | { readonly kind: "command"; readonly command: Template }
  | { readonly kind: "problems"; readonly problems: readonly TypeProblem[] };

/** Reads a type's command; line and column of its problems count inside its text. */
export function readCommand(command: string, executor: string): CommandReading {
  const fault = unfit(command);
  if (fault !== undefined)
    return { kind: "problems", problems: [{ key: "command", message: fault }] };
  const reading = parseTemplate(command, executor);
  const problems =
    reading.kind === "problems" ? reading.problems : lateNames(reading.template, executor);
  if (reading.kind === "template" && problems.length === 0) {
    return { kind: "command", command: reading.template };
  }
  return {
    kind: "problems",
    problems: problems.map((problem) => ({ key: "command", ...problem })),
  };
}

function unfit(command: string): string | undefined {
  if (command.trim() === "") return "command is blank: write what is to run.";
  if (new TextEncoder().encode(command).length <= limits.commandBytesMax) return undefined;
  return "command is longer than the system takes: put it into a script beside this file and name it in files_to_include.";
}

/** Blanket's own variables have no value yet when a command is put together. */
function lateNames(template: Template, executor: string): readonly Omit<TypeProblem, "key">[] {
  const quoted = posixShellOf(executor) !== undefined;
  return templateNames(template)
    .filter((name) => name.startsWith("BLANKET_"))
    .map((name) => {
      const advice = quoted ? `write $${name}` : `read ${name} from the environment`;
      return { message: `{{.${name}}} has a value only while the task runs: ${advice}.` };
    });
}
