import type { VariableKind } from "./task-type.ts";

const namePattern = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** What a variable's name must look like, for sentences that refuse one. */
export const nameAdvice =
  "use letters, digits and _, not beginning with a digit (for example LOG_LEVEL)";

/**
 * Whether `text` can be the name of a variable: what every shell takes as `$NAME`, but for the one
 * name that JavaScript objects do not keep as a member.
 */
export function isVariableName(text: string): boolean {
  return namePattern.test(text) && text !== "__proto__";
}

/** Either the text of a scalar, or why it has none. */
export type ScalarText =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "refused"; readonly why: string };

/**
 * A scalar as the string that a process sees: 5 is "5", true is "true", null is "". The words of
 * `why` follow the variable's name.
 */
export function scalarText(value: unknown): ScalarText {
  if (value === null) return { kind: "text", text: "" };
  if (typeof value === "boolean") return { kind: "text", text: String(value) };
  if (typeof value === "number") return numberText(value);
  if (typeof value === "string") return stringText(value);
  const what = Array.isArray(value) ? "a list" : "an object";
  return {
    kind: "refused",
    why: `is ${what}, and a variable holds one text: give its members as variables of their own, or as one JSON text`,
  };
}

/** A number beyond 2^53 has already lost digits when it arrives here: never pass on a wrong one. */
function numberText(value: number): ScalarText {
  const exact = Number.isFinite(value) && (!Number.isInteger(value) || Number.isSafeInteger(value));
  if (exact) return { kind: "text", text: String(value) };
  return { kind: "refused", why: `is a number that JSON does not keep exactly: put it in quotes` };
}

function stringText(value: string): ScalarText {
  if (!value.includes("\0")) return { kind: "text", text: value };
  return {
    kind: "refused",
    why: "holds a NUL byte, which no environment can: upload it as a file",
  };
}

const kindPatterns: Readonly<Record<VariableKind, RegExp>> = {
  string: /^/,
  integer: /^[+-]?\d+$/,
  number: /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/,
  boolean: /^(?:true|false)$/,
};

const kindWords: Readonly<Record<VariableKind, string>> = {
  string: "a text",
  integer: "a whole number",
  number: "a number",
  boolean: "true or false",
};

/** Why `value` is not of this kind (words that follow the variable's name); undefined if it is. */
export function kindFault(kind: VariableKind, value: string): string | undefined {
  if (kindPatterns[kind].test(value)) return undefined;
  return `must be ${kindWords[kind]}, and is ${shortened(value)}`;
}

function shortened(value: string): string {
  return JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}…` : value);
}
