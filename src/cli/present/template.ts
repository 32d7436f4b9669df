import { BlanketError } from "../../core/errors.ts";
import { nearest } from "../../core/nearest.ts";

const action = /\{\{\s*(.*?)\s*\}\}/g;
const escapes: Readonly<Record<string, string>> = { "\\t": "\t", "\\n": "\n", "\\\\": "\\" };

/**
 * One line for each row of `--template '{{.id}} {{.state}}'`: names are the keys of `--json`, in
 * any case; what is no text is written as JSON.
 *
 * @throws COMMAND_INVALID for another action than a field, and for a field that is none
 */
export function renderTemplate(template: string, rows: readonly object[]): string {
  const text = template.replaceAll(/\\[tn\\]/g, (escape) => escapes[escape] ?? escape);
  checkActions(text);
  return rows.map((row) => `${renderRow(text, row)}\n`).join("");
}

function checkActions(text: string): void {
  for (const [whole, inner = ""] of text.matchAll(action)) {
    if (/^\.[A-Za-z_]\w*$/.test(inner)) continue;
    throw invalid(`${whole} is no field; write {{.id}}, with a name that --json shows`);
  }
  const rest = text.replaceAll(action, "");
  if (rest.includes("{{")) throw invalid("it has {{ without }}");
}

function renderRow(text: string, row: object): string {
  const entries = Object.entries(row);
  return text.replaceAll(action, (_whole, inner: string) => {
    const name = inner.slice(1).toLowerCase();
    const entry = entries.find(([key]) => key.toLowerCase() === name);
    if (entry === undefined) throw unknownField(inner.slice(1), Object.keys(row));
    const value: unknown = entry[1];
    if (value === null) return "";
    return typeof value === "string" ? value : JSON.stringify(value);
  });
}

function unknownField(name: string, known: readonly string[]): BlanketError {
  const close = nearest(name, known);
  const advice = close === undefined ? "--json shows their names" : `did you mean ${close}?`;
  return invalid(`there is no field ${name}; ${advice}`);
}

function invalid(why: string): BlanketError {
  const end = why.endsWith("?") ? "" : ".";
  return new BlanketError("COMMAND_INVALID", `--template: ${why}${end}`, { flag: "template" });
}
