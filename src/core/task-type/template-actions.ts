/** A piece of a command: text as written, or a place for a variable's value. */
export type TemplatePart =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "variable"; readonly name: string; readonly raw: boolean };

/** A part of a command and where it begins in the source. */
export interface Positioned {
  readonly part: TemplatePart;
  readonly offset: number;
}

/** The parts of a command, and what in it looks like an action that Blanket does not know. */
export interface Actions {
  readonly parts: readonly Positioned[];
  readonly faults: readonly { readonly offset: number; readonly message: string }[];
}

const place = /\{\{\s*\.([A-Za-z_][A-Za-z0-9_]*)\s*(?:\|\s*(raw)\s*)?\}\}/y;
/** How Go templates write two braces that are meant as such. */
const literalBraces = /\{\{\s*"\{\{"\s*\}\}/y;

/**
 * Finds `{{.NAME}}`, `{{.NAME | raw}}` and `{{"{{"}}`. Shell text has double braces of its own
 * (brace expansion, awk, JSON): they stay as they are unless they look like a template's action.
 */
export function readActions(source: string): Actions {
  const parts: Positioned[] = [];
  const faults: { offset: number; message: string }[] = [];
  let textFrom = 0;
  const endText = (end: number) => {
    const text = source.slice(textFrom, end);
    if (text !== "") parts.push({ part: { kind: "text", text }, offset: textFrom });
  };
  for (let at = source.indexOf("{{"); at >= 0;) {
    const found = actionAt(source, at);
    if (found.kind === "part") {
      endText(at);
      parts.push({ part: found.part, offset: at });
      textFrom = found.end;
    } else if (found.kind === "fault") faults.push({ offset: at, message: found.message });
    at = source.indexOf("{{", found.end);
  }
  endText(source.length);
  return { parts, faults };
}

type Found =
  | { readonly kind: "part"; readonly part: TemplatePart; readonly end: number }
  | { readonly kind: "fault"; readonly message: string; readonly end: number }
  | { readonly kind: "text"; readonly end: number };

function actionAt(source: string, at: number): Found {
  const variable = matchAt(place, source, at);
  if (variable !== null) {
    const [whole, name = "", raw] = variable;
    const part = { kind: "variable", name, raw: raw !== undefined } as const;
    return { kind: "part", part, end: at + whole.length };
  }
  const braces = matchAt(literalBraces, source, at);
  if (braces !== null) {
    return { kind: "part", part: { kind: "text", text: "{{" }, end: at + braces[0].length };
  }
  const line = source.slice(at + 2, lineEnd(source, at));
  const close = line.indexOf("}}");
  const content = close < 0 ? line : line.slice(0, close);
  if (!looksLikeAction(content, close >= 0)) return { kind: "text", end: at + 1 };
  return {
    kind: "fault",
    message: faultMessage(content, close >= 0),
    end: at + 2 + content.length,
  };
}

function matchAt(pattern: RegExp, source: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(source);
}

function lineEnd(source: string, at: number): number {
  const end = source.indexOf("\n", at);
  return end < 0 ? source.length : end;
}

const actionKeyword =
  /^(?:if|else|end|range|with|template|block|define|break|continue|nil|true|false)\b/;
/**
 * `.NAME` where a Go template would take it for a field: at the beginning, or after a separator.
 */
const fieldAnywhere = /^\.(?![./])|[\s(|{]\.[A-Za-z_]/;
const goVariable = /^\$(?:[A-Za-z_]|\s|$|:)/;
/** `NAME`, `secrets.TOKEN`, `NAME | raw`: most likely the dot in front is missing. */
const loneName = /^[A-Za-z_][\w.]*(?:\s*\|.*)?$/;
const goText = /^(?:"[^"]*"|`[^`]*`|\/\*.*\*\/)$/;

function looksLikeAction(content: string, closed: boolean): boolean {
  const inner = content.replace(/^-?\s+/, "").replace(/\s+-?$/, "");
  if (!closed) return /^\.[A-Za-z_]/.test(inner);
  return [actionKeyword, fieldAnywhere, goVariable, loneName, goText].some((p) => p.test(inner));
}

function faultMessage(content: string, closed: boolean): string {
  const shown = content.length > 40 ? `${content.slice(0, 40)}…` : content;
  if (!closed) return `{{${shown} is not closed: write {{.NAME}}, with two braces on each side.`;
  return (
    `{{${shown}}} is not an action that Blanket knows: write {{.NAME}} for a variable's value as ` +
    `one word, {{.NAME | raw}} for its plain text, or {{"{{"}} for two braces.`
  );
}
