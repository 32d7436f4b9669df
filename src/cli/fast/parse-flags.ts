import type { FlagRow, FlagTable, GivenFlags } from "../flag-table.ts";

/**
 * Reads the plain forms of flags: `--name value`, `--name=value`, `-n value`, `-nvalue`, switches
 * and switches together. Undefined for everything else, mistakes included: oclif reads those.
 */
export function parseFlags<T extends FlagTable>(
  table: T,
  argv: readonly string[],
): GivenFlags<T> | undefined {
  const given: Record<string, string | boolean> = {};
  const words = [...argv];
  for (let word = words.shift(); word !== undefined; word = words.shift()) {
    const found = word.startsWith("--") ? findLong(table, word) : findShort(table, word);
    if (found === undefined) return undefined;
    const { name, row, attached } = found;
    if (row.kind === "switch") {
      given[name] = true;
      if (attached === undefined) continue;
      if (word.startsWith("--")) return undefined;
      words.unshift(`-${attached}`);
      continue;
    }
    if (row.kind === "texts") return undefined;
    const value = attached ?? words.shift();
    if (value === undefined || value === "" || value.startsWith("-") || name in given) {
      return undefined;
    }
    given[name] = value;
  }
  return given as GivenFlags<T>;
}

interface Found {
  readonly name: string;
  readonly row: FlagRow;
  /** What stands in the same word. */
  readonly attached: string | undefined;
}

function findLong(table: FlagTable, word: string): Found | undefined {
  const equals = word.indexOf("=");
  const name = equals < 0 ? word.slice(2) : word.slice(2, equals);
  const row = Object.hasOwn(table, name) ? table[name] : undefined;
  if (row === undefined) return undefined;
  return { name, row, attached: equals < 0 ? undefined : word.slice(equals + 1) };
}

function findShort(table: FlagTable, word: string): Found | undefined {
  const char = word.charAt(1);
  const entry = Object.entries(table).find(([, row]) => row.char === char);
  if (!word.startsWith("-") || char === "" || entry === undefined) return undefined;
  const [name, row] = entry;
  const rest = word.slice(2);
  if (row.kind === "text" && rest.startsWith("=")) return undefined;
  return { name, row, attached: rest === "" ? undefined : rest };
}
