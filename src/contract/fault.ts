import type { TLocalizedValidationError } from "typebox/error";

import { nearest } from "../core/nearest.ts";

/** A JSON schema as sentences need it: the parts that our schemas use. */
interface SchemaFacts {
  readonly type?: "string" | "boolean" | "null" | "array" | "integer" | "number" | "object";
  readonly properties?: Readonly<Record<string, SchemaFacts>>;
  readonly items?: SchemaFacts;
  readonly anyOf?: readonly SchemaFacts[];
  readonly enum?: readonly unknown[];
  readonly minimum?: number;
  readonly maximum?: number;
}

/** Why a value does not fit its schema: a sentence for people, the field for programs. */
export interface Fault {
  readonly sentence: string;
  readonly field?: string;
}

/**
 * Puts what a schema found into one sentence. Our bodies and queries are flat objects, so that a
 * fault is about one top-level field. `what` is the word for one: "field", "query parameter".
 */
export function describeFault(
  schema: object,
  errors: readonly TLocalizedValidationError[],
  value: unknown,
  what: string,
): Fault {
  const facts = schema as SchemaFacts;
  const known = Object.keys(facts.properties ?? {});
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return {
      sentence: `the body must be a JSON object, and is ${shown(value)}; write the fields between { and }.`,
    };
  }
  for (const error of errors) {
    const field = fieldOf(error);
    if (field !== undefined && !known.includes(field)) return unknownField(field, known, what);
  }
  for (const error of errors) {
    const field = fieldOf(error);
    if (error.keyword === "required") {
      return missingField(error.params.requiredProperties, facts, what);
    }
    if (field !== undefined) {
      return wrongField(field, facts.properties?.[field], Object.entries(value), what);
    }
  }
  return { sentence: `the body is not what this route takes; it takes ${listed(known)}.` };
}

function fieldOf(error: TLocalizedValidationError): string | undefined {
  if (error.keyword === "additionalProperties") return error.params.additionalProperties[0];
  const first = error.instancePath.split("/")[1];
  return first?.replaceAll("~1", "/").replaceAll("~0", "~");
}

function unknownField(field: string, known: readonly string[], what: string): Fault {
  const name = JSON.stringify(field.slice(0, 80));
  if (known.length === 0) {
    return { field, sentence: `there is no ${what} ${name}; this route takes none.` };
  }
  const close = nearest(field, known);
  const advice = close === undefined ? `it takes ${listed(known)}` : `did you mean ${close}?`;
  const end = advice.endsWith("?") ? "" : ".";
  return { field, sentence: `there is no ${what} ${name}; ${advice}${end}` };
}

function missingField(names: readonly string[], facts: SchemaFacts, what: string): Fault {
  const field = names[0] ?? "";
  const wanted = expected(facts.properties?.[field]);
  return { field, sentence: `the ${what} ${field} is missing; give ${wanted}.` };
}

function wrongField(
  field: string,
  schema: SchemaFacts | undefined,
  entries: readonly (readonly [string, unknown])[],
  what: string,
): Fault {
  const value = entries.find(([name]) => name === field)?.[1];
  if (what !== "field" && Array.isArray(value)) {
    return { field, sentence: `the ${what} ${field} is given more than once; give it once.` };
  }
  return {
    field,
    sentence: `the ${what} ${field} must be ${expected(schema)}, and is ${shown(value)}.`,
  };
}

/** What a schema takes, in words. */
function expected(schema: SchemaFacts | undefined): string {
  if (schema?.enum !== undefined) return `one of ${listed(schema.enum.map(String))}`;
  if (schema?.anyOf !== undefined) return schema.anyOf.map(expected).join(" or ");
  switch (schema?.type) {
    case "string":
      return "a text";
    case "boolean":
      return "true or false";
    case "null":
      return "null";
    case "array":
      return "a list of texts";
    case "integer":
      return `a whole number${range(schema)}`;
    case "number":
      return `a number${range(schema)}`;
    case "object":
      return "an object";
    case undefined:
      return "something else";
  }
}

function range({ minimum, maximum }: SchemaFacts): string {
  if (minimum === undefined || maximum === undefined) return "";
  return maximum === Number.MAX_SAFE_INTEGER
    ? `, at least ${minimum}`
    : ` from ${minimum} to ${maximum}`;
}

function listed(names: readonly string[]): string {
  return names.join(", ");
}

/** A value as a sentence shows it: never more than a few words of it. */
function shown(value: unknown): string {
  if (value === undefined) return "missing";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object" && value !== null) return "an object";
  const text = JSON.stringify(value) ?? "nothing";
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
