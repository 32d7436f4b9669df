/** What can be hashed: JSON without floats' surprises; `undefined` members are left out. */
export type Canonical =
  | null
  | boolean
  | number
  | string
  | readonly Canonical[]
  | { readonly [name: string]: Canonical | undefined };

const encoder = new TextEncoder();

/**
 * One byte string for one value, whoever computes it: object members in code-unit order of their
 * names, strings and containers with their length in front, so that no two values share bytes.
 *
 * Shapes: `n` null, `t`/`f` booleans, `i<decimal>;` safe integers, `s<code units>:<text>` strings,
 * `a<count>:…` arrays, `o<count>:(name value)…` objects.
 * @throws RangeError for a number that is not a safe integer: a fault of ours, schemas keep them
 * out.
 */
export function canonicalBytes(value: Canonical): Uint8Array {
  return encoder.encode(canonicalText(value));
}

function canonicalText(value: Canonical): string {
  if (value === null) return "n";
  if (typeof value === "boolean") return value ? "t" : "f";
  if (typeof value === "number") return integerText(value);
  if (typeof value === "string") return stringText(value);
  return isList(value) ? listText(value) : objectText(value);
}

function integerText(value: number): string {
  if (!Number.isSafeInteger(value)) throw new RangeError(`${value} has no canonical form`);
  return `i${Object.is(value, -0) ? 0 : value};`;
}

function stringText(value: string): string {
  return `s${value.length}:${value}`;
}

function isList(value: object): value is readonly Canonical[] {
  return Array.isArray(value);
}

function listText(value: readonly Canonical[]): string {
  return `a${value.length}:${value.map(canonicalText).join("")}`;
}

function objectText(value: { readonly [name: string]: Canonical | undefined }): string {
  const names = Object.keys(value)
    .filter((name) => value[name] !== undefined)
    .toSorted();
  const members = names.map((name) => stringText(name) + canonicalText(value[name] ?? null));
  return `o${names.length}:${members.join("")}`;
}
