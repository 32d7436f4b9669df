import { BlanketError } from "../errors.ts";
import { limits } from "../limits.ts";
import { nearest } from "../nearest.ts";
import type { TaskType } from "./task-type.ts";
import { renderTemplate, templateNames } from "./template.ts";
import { isVariableName, kindFault, nameAdvice, scalarText } from "./variable.ts";

/** Variables and their values, as a process sees them. */
export type Environment = Readonly<Record<string, string>>;

/** What is wrong with one variable of a submission; `message` is a sentence. */
export interface EnvironmentProblem {
  readonly code: "ENVIRONMENT_INVALID" | "VARIABLE_MISSING";
  readonly name: string;
  readonly message: string;
}

/** Either an environment, or what keeps the given value from being one. */
export type EnvironmentReading =
  | { readonly kind: "environment"; readonly environment: Environment }
  | { readonly kind: "problems"; readonly problems: readonly EnvironmentProblem[] };

/**
 * The environment in a body or file: an object of scalars, kept as strings (5 is "5", true is
 * "true", null is ""); absent or null is the empty one.
 */
export function readEnvironment(given: unknown): EnvironmentReading {
  if (given === undefined || given === null) return { kind: "environment", environment: {} };
  if (typeof given !== "object" || Array.isArray(given)) {
    const message = 'environment must be an object of names and values, such as {"NAME": "value"}.';
    return { kind: "problems", problems: [{ code: "ENVIRONMENT_INVALID", name: "", message }] };
  }
  const problems: EnvironmentProblem[] = [];
  const entries: [string, string][] = [];
  for (const [name, value] of Object.entries(given)) {
    const text = isVariableName(name)
      ? scalarText(value)
      : { kind: "refused" as const, why: `is no name for a variable: ${nameAdvice}` };
    if (text.kind === "text") entries.push([name, text.text]);
    else problems.push(invalid(name, `environment.${printable(name)} ${text.why}.`));
  }
  if (problems.length > 0) return { kind: "problems", problems };
  return { kind: "environment", environment: Object.fromEntries(entries) };
}

function invalid(name: string, message: string): EnvironmentProblem {
  return { code: "ENVIRONMENT_INVALID", name, message };
}

function printable(name: string): string {
  return isVariableName(name) ? name : JSON.stringify(name.slice(0, 80));
}

/** What the type adds to a task's own environment: its defaults where the task gives no value. */
export function typeEnvironment(type: TaskType, environment: Environment): Environment {
  return Object.fromEntries(
    type.variables.flatMap(({ name, value }) =>
      value === undefined || Object.hasOwn(environment, name) ? [] : [[name, value] as const],
    ),
  );
}

/** The type's defaults, overridden by the task's own variables. */
export function mergedEnvironment(type: TaskType, environment: Environment): Environment {
  return { ...typeEnvironment(type, environment), ...environment };
}

/**
 * Everything that keeps a task of this type from running with this environment: required variables
 * that are missing, values of another kind than declared, names in the command that are defined
 * nowhere, and what is too long to start. Empty where it may be submitted.
 */
export function checkSubmission(
  type: TaskType,
  environment: Environment,
): readonly EnvironmentProblem[] {
  const merged = mergedEnvironment(type, environment);
  const problems = [
    ...missingRequired(type, environment),
    ...wrongKinds(type, environment),
    ...undefinedNames(type, merged),
    ...tooLong(merged),
  ];
  return problems.length > 0 ? problems : commandTooLong(type, merged);
}

function missingRequired(type: TaskType, environment: Environment): EnvironmentProblem[] {
  return type.variables
    .filter(({ presence, name }) => presence === "required" && !Object.hasOwn(environment, name))
    .map(({ name, description }) => {
      const meaning = description === undefined ? "" : ` (${description.replace(/[.\s]+$/, "")})`;
      const message = `${type.name} needs the variable ${name}${meaning}: ${givenInstead(name, environment)}.`;
      return { code: "VARIABLE_MISSING", name, message };
    });
}

function givenInstead(name: string, environment: Environment): string {
  const other = nearest(name, Object.keys(environment));
  const hint = other === undefined ? "" : ` (is ${other} a typing error?)`;
  return `give it in the environment${hint}`;
}

function wrongKinds(type: TaskType, environment: Environment): EnvironmentProblem[] {
  return type.variables.flatMap(({ name, kind }) => {
    const value = Object.hasOwn(environment, name) ? environment[name] : undefined;
    const fault = value === undefined ? undefined : kindFault(kind, value);
    return fault === undefined ? [] : [invalid(name, `${type.name}: ${name} ${fault}.`)];
  });
}

function undefinedNames(type: TaskType, merged: Environment): EnvironmentProblem[] {
  const required = new Set(
    type.variables.filter(({ presence }) => presence === "required").map(({ name }) => name),
  );
  return templateNames(type.command)
    .filter((name) => !Object.hasOwn(merged, name) && !required.has(name))
    .map((name) => ({
      code: "VARIABLE_MISSING",
      name,
      message: `the command of ${type.name} uses {{.${name}}}, which is defined nowhere: give ${name} in the environment.`,
    }));
}

function tooLong(merged: Environment): EnvironmentProblem[] {
  return Object.entries(merged)
    .filter(([name, value]) => exceeds(`${name}=${value}`))
    .map(([name]) =>
      invalid(name, `${name} is longer than the system lets a variable be: upload it as a file.`),
    );
}

function commandTooLong(type: TaskType, merged: Environment): EnvironmentProblem[] {
  if (!exceeds(renderTemplate(type.command, merged))) return [];
  const message = `the command of ${type.name} is longer than the system takes with these values: upload the largest as a file.`;
  return [invalid("", message)];
}

/** Bytes are counted only where they could matter: UTF-8 takes at most 3 for a UTF-16 unit. */
function exceeds(text: string): boolean {
  const { commandBytesMax } = limits;
  if (text.length * 3 <= commandBytesMax) return false;
  return new TextEncoder().encode(text).length > commandBytesMax;
}

/**
 * The error for the problems of {@link checkSubmission} or {@link readEnvironment}, at least one.
 */
export function environmentError(problems: readonly EnvironmentProblem[]): BlanketError {
  const code = problems[0]?.code ?? "ENVIRONMENT_INVALID";
  const shown = problems.slice(0, 5).map(({ message }) => message);
  return new BlanketError(code, shown.join(" "), { problems });
}
