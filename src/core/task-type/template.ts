import { BlanketError } from "../errors.ts";
import { posixShellOf, posixShells } from "./executor.ts";
import { scanShell } from "./shell-scan.ts";
import type { Place } from "./shell-state.ts";
import { readActions, type Positioned, type TemplatePart } from "./template-actions.ts";

/** A parsed command. */
export interface Template {
  readonly source: string;
  readonly parts: readonly TemplatePart[];
}

/** What is wrong with a command, where in it; lines and columns count from 1. */
export interface TemplateProblem {
  readonly message: string;
  readonly line: number;
  readonly column: number;
}

/** Either a command that can be rendered, or what keeps it from being one, in order of place. */
export type TemplateReading =
  | { readonly kind: "template"; readonly template: Template }
  | { readonly kind: "problems"; readonly problems: readonly TemplateProblem[] };

/**
 * Reads a command. `{{.NAME}}` becomes the variable's value as one shell word, which is accepted
 * only where the shell will read it so; `{{.NAME | raw}}` becomes the value as it is, anywhere;
 * `{{"{{"}}` becomes two braces. Other text in double braces stays, unless it looks like an action
 * of a Go template, which the original Blanket had and this one does not know.
 */
export function parseTemplate(source: string, executor: string): TemplateReading {
  const nul = source.indexOf("\0");
  if (nul >= 0) return problemsOf(source, [{ offset: nul, message: nulMessage }]);
  const { parts, faults } = readActions(source);
  const problems = [...faults, ...misplacedQuotes(parts, executor)];
  problems.sort((a, b) => a.offset - b.offset);
  if (problems.length > 0) return problemsOf(source, problems);
  return { kind: "template", template: { source, parts: parts.map(({ part }) => part) } };
}

const nulMessage = "a NUL byte cannot stand in a command: remove it.";

interface Fault {
  readonly offset: number;
  readonly message: string;
}

function problemsOf(source: string, faults: readonly Fault[]): TemplateReading {
  const problems = faults.map(({ offset, message }) => {
    const before = source.slice(0, offset).split("\n");
    return { message, line: before.length, column: (before.at(-1) ?? "").length + 1 };
  });
  return { kind: "problems", problems };
}

/** The quoted places that the executor would not read as one word. */
function misplacedQuotes(parts: readonly Positioned[], executor: string): Fault[] {
  const variables = parts.flatMap(({ part, offset }) =>
    part.kind === "variable" ? [{ ...part, offset }] : [],
  );
  if (variables.every(({ raw }) => raw)) return [];
  const shell = posixShellOf(executor);
  const text = parts.map(({ part }) => (part.kind === "text" ? part.text : "\0")).join("");
  const places = shell === undefined ? [] : scanShell(text, shell);
  return variables.flatMap(({ name, raw, offset }, index) => {
    if (raw) return [];
    if (shell === undefined) return [{ offset, message: foreignExecutor(name, executor) }];
    const place = places[index] ?? "unknown";
    return place === "word" ? [] : [{ offset, message: misplaced(name, place) }];
  });
}

function foreignExecutor(name: string, executor: string): string {
  return (
    `Blanket can quote {{.${name}}} for ${posixShells.join(", ")}, and not for ${executor}: ` +
    `read $${name} from the environment, or write {{.${name} | raw}} to insert it unquoted.`
  );
}

const placeWords: Readonly<Record<Exclude<Place, "word">, string>> = {
  single: "inside single quotes",
  double: "inside double quotes",
  backticks: "inside backticks",
  document: "inside a here-document",
  comment: "inside a comment",
  parameter: "inside ${…}",
  arithmetic: "inside ((…))",
  subscript: "inside a subscript […]",
  backslash: "right after a backslash",
  dollar: "right after a $",
  unknown: "after something that shells read in different ways",
};

function misplaced(name: string, place: Exclude<Place, "word">): string {
  const braces =
    place === "single" || place === "double"
      ? ` For braces that are meant for another program write {{"{{"}}.${name}}}.`
      : "";
  return (
    `{{.${name}}} stands ${placeWords[place]}, where a quoted value could be executed or changed: ` +
    `${place === "single" ? "end the quotes before it and write" : "write"} $${name}, ` +
    `or {{.${name} | raw}} to insert it unquoted.${braces}`
  );
}

/** The names that a template needs, each once, in order of first use. */
export function templateNames(template: Template): readonly string[] {
  const names = template.parts.flatMap((part) => (part.kind === "variable" ? [part.name] : []));
  return [...new Set(names)];
}

/**
 * The command to run with these variables. Values are inserted in one pass: what they hold is never
 * read as a template.
 * @throws VARIABLE_MISSING for a name that the environment does not define
 */
export function renderTemplate(
  template: Template,
  environment: Readonly<Record<string, string>>,
): string {
  return template.parts
    .map((part) => {
      if (part.kind === "text") return part.text;
      const value = Object.hasOwn(environment, part.name) ? environment[part.name] : undefined;
      if (value === undefined) throw undefinedName(part.name);
      return part.raw ? value : quoteWord(value);
    })
    .join("");
}

function undefinedName(name: string): BlanketError {
  const sentence = `the command uses {{.${name}}}, which is defined nowhere: give ${name} in the environment.`;
  return new BlanketError("VARIABLE_MISSING", sentence, { name });
}

/**
 * One word of a POSIX shell that means exactly `value`: in single quotes nothing is special but the
 * single quote itself (POSIX.1-2024, Shell Command Language, 2.2.2).
 */
export function quoteWord(value: string): string {
  return `'${value.replaceAll("'", `'\\''`)}'`;
}
