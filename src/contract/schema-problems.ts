import { nearest } from "../core/nearest.ts";
import type { TypeProblem } from "../core/task-type/task-type.ts";

/** What a compiled TypeBox schema tells of a value that does not fit. */
export interface SchemaError {
  readonly keyword: string;
  /** JSON pointer into the value. */
  readonly instancePath: string;
  readonly params: object;
}

/** What sentences need to know beyond the errors. */
export interface KeyWords {
  /** The keys that stand at a path without array indexes (`environment.default`), or undefined. */
  keysAt(path: string): readonly string[] | undefined;
  /** A sentence of its own for an unknown key, by the same kind of path. */
  unknown(path: string): string | undefined;
  /** A sentence of its own for a value that does not fit, by the same kind of path. */
  misfit(path: string): string | undefined;
}

/** The problems that schema errors stand for: one sentence each, with the key's path. */
export function schemaProblems(errors: readonly SchemaError[], words: KeyWords): TypeProblem[] {
  return errors.flatMap((error) => {
    const path = keyPath(error.instancePath);
    const params = error.params as Readonly<Record<string, unknown>>;
    switch (error.keyword) {
      // The library tells an unknown key twice: as a value for which nothing is allowed, and so.
      case "boolean":
        return [];
      case "additionalProperties":
        return strings(params["additionalProperties"]).map((key) => unknownKey(path, key, words));
      case "required":
        return strings(params["requiredProperties"]).map((key) => ({
          message: `${join(path, key)} is missing: add it.`,
          key: join(path, key),
        }));
      default: {
        const message =
          words.misfit(bare(path)) ?? `${path || "the file"} ${misfit(error.keyword, params)}.`;
        return [path === "" ? { message } : { message, key: path }];
      }
    }
  });
}

function strings(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === "string") : [];
}

/** `/environment/default/0/name` as people write it: `environment.default[0].name`. */
function keyPath(pointer: string): string {
  return pointer
    .split("/")
    .slice(1)
    .map((key) => key.replaceAll("~1", "/").replaceAll("~0", "~"))
    .reduce(
      (path, key) => (/^\d+$/.test(key) && path !== "" ? `${path}[${key}]` : join(path, key)),
      "",
    );
}

function join(path: string, key: string): string {
  return path === "" ? key : `${path}.${key}`;
}

function bare(path: string): string {
  return path.replaceAll(/\[\d+\]/g, "");
}

function unknownKey(path: string, key: string, words: KeyWords): TypeProblem {
  const whole = join(path, key);
  return { message: words.unknown(bare(whole)) ?? unknownMessage(path, key, words), key: whole };
}

function unknownMessage(path: string, key: string, words: KeyWords): string {
  const known = words.keysAt(bare(path)) ?? [];
  const close = nearest(key, known);
  const where = path === "" ? "" : ` of ${path}`;
  if (close !== undefined) return `${key} is not a key${where}: did you mean ${close}?`;
  return `${key} is not a key${where}: remove it, or use one of ${known.join(", ")}.`;
}

/** Words that follow the key, for the keywords that Blanket's schemas use. */
function misfit(keyword: string, params: Readonly<Record<string, unknown>>): string {
  switch (keyword) {
    case "type":
      return `must be ${typeWords(params["type"])}`;
    case "enum":
      return `must be one of ${strings(params["allowedValues"]).join(", ")}`;
    case "minimum":
      return `must be at least ${String(params["limit"])}`;
    case "maximum":
      return `must be at most ${String(params["limit"])}`;
    case "minLength":
    case "minItems":
      return "must not be empty";
    case "maxItems":
      return `takes at most ${String(params["limit"])} entries`;
    case "pattern":
      return `does not match ${String(params["pattern"])}`;
    default:
      return "is not valid";
  }
}

const typeNames: Readonly<Record<string, string>> = {
  string: "a text",
  number: "a number",
  integer: "a whole number",
  boolean: "true or false",
  array: "a list",
  object: "a table",
};

function typeWords(type: unknown): string {
  const names = Array.isArray(type) ? strings(type) : [String(type)];
  return names.map((name) => typeNames[name] ?? name).join(" or ");
}
