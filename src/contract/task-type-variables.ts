import type { Variable } from "../core/task-type/task-type.ts";
import { isVariableName, kindFault, nameAdvice, scalarText } from "../core/task-type/variable.ts";
import type { TaskTypeDocument } from "./task-type-schema.ts";

/** Where a reader of a document notes what is wrong with the value of a key. */
export type Note = (key: string, message: string) => void;

/** The variables that a type declares: defaults, required ones, optional ones, as in the file. */
export function readVariables(document: TaskTypeDocument, note: Note): readonly Variable[] {
  const { environment = {} } = document;
  const seen = new Set<string>();
  return (["default", "required", "optional"] as const).flatMap((presence) =>
    (environment[presence] ?? []).map((entry, index): Variable => {
      const key = `environment.${presence}[${index}]`;
      checkName(entry.name, `${key}.name`, seen, note);
      const kind = entry.type ?? "string";
      const value =
        "value" in entry ? readValue(entry.value, kind, `${key}.value`, note) : undefined;
      return {
        name: entry.name,
        kind,
        presence,
        ...(entry.description === undefined ? {} : { description: entry.description }),
        ...(value === undefined ? {} : { value }),
      };
    }),
  );
}

function checkName(name: string, key: string, seen: Set<string>, note: Note): void {
  if (!isVariableName(name)) {
    note(key, `${JSON.stringify(name)} is no name for a variable: ${nameAdvice}.`);
  } else if (seen.has(name)) note(key, `${name} is declared twice: keep one.`);
  seen.add(name);
}

function readValue(value: unknown, kind: Variable["kind"], key: string, note: Note): string {
  const text = scalarText(value);
  if (text.kind === "refused") {
    note(key, `${key} ${text.why}.`);
    return "";
  }
  const fault = kindFault(kind, text.text);
  if (fault !== undefined) note(key, `${key} ${fault}.`);
  return text.text;
}
