/** A here-document whose operator has been read. */
export interface HereDocument {
  /** The line that ends it. */
  readonly delimiter: string;
  /** The end word was quoted: nothing in the body is expanded. */
  readonly literal: boolean;
  /** `<<-`: tabs in front of its lines do not count. */
  readonly stripsTabs: boolean;
  /** How deep in substitutions it stands; 1 is the command itself. */
  readonly level: number;
}

/** The operator's end word, from after `<<`; undefined where shells may differ about it. */
export function readDelimiter(
  text: string,
  from: number,
  level: number,
): { readonly document: HereDocument; readonly end: number } | undefined {
  const operator = /(-?)[ \t]*/y;
  operator.lastIndex = from;
  const [skipped = "", dash] = operator.exec(text) ?? [];
  const wordFrom = from + skipped.length;
  const word = /(?:[^\s;&|<>()'"\\$`\0]|'[^'\n\0]*'|"[^"\n\\$`\0]*"|\\[^\n\0])+/y;
  word.lastIndex = wordFrom;
  const written = word.exec(text)?.[0];
  if (written === undefined || written.startsWith("#")) return undefined;
  const end = wordFrom + written.length;
  // What follows must end the word; a quote or substitution that the pattern left is not plain.
  if (!/^[\s;&|<>()]?$/.test(text.slice(end, end + 1))) return undefined;
  const delimiter = written.replace(/'([^']*)'|"([^"]*)"|\\(.)/g, "$1$2$3");
  const literal = delimiter !== written;
  if (delimiter === "") return undefined;
  return { document: { delimiter, literal, stripsTabs: dash === "-", level }, end };
}

/**
 * Where the bodies that begin at `from` end, in order; undefined where shells may differ about it.
 * A body without its end goes to the end of the text.
 */
export function skipDocuments(
  text: string,
  from: number,
  documents: readonly HereDocument[],
): number | undefined {
  let at: number | undefined = from;
  for (const document of documents) {
    at = skipBody(text, at, document);
    if (at === undefined) return undefined;
  }
  return at;
}

function skipBody(text: string, from: number, document: HereDocument): number | undefined {
  let continued = false;
  for (let at = from; at < text.length;) {
    const newline = text.indexOf("\n", at);
    const next = newline < 0 ? text.length : newline + 1;
    const whole = text.slice(at, newline < 0 ? text.length : newline);
    const line = document.stripsTabs ? whole.replace(/^\t+/, "") : whole;
    if (line === document.delimiter) return continued ? undefined : next;
    if (isDoubtful(line, document)) return undefined;
    continued = !document.literal && /(?:^|[^\\])(?:\\\\)*\\$/.test(line);
    at = next;
  }
  return text.length;
}

/** A line that may end the body in one shell and not in another. */
function isDoubtful(line: string, document: HereDocument): boolean {
  if (document.level > 1 && line.startsWith(document.delimiter)) return true;
  return !document.literal && /\$[({]|`/.test(line) && !isBalanced(line);
}

function isBalanced(line: string): boolean {
  const count = (character: string) => line.split(character).length;
  return count("(") === count(")") && count("{") === count("}") && count("`") % 2 === 1;
}
