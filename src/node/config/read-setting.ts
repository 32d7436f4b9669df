import { isIP } from "node:net";
import { resolve } from "node:path";

import { parseTags, splitCommas } from "../../contract/text-checks.ts";
import { BlanketError } from "../../core/errors.ts";
import { limits } from "../../core/limits.ts";

/**
 * Readers of single settings from text. `named` is how the user gave it (`--http`, `BLANKET_HTTP`,
 * `http in node.toml`). All throw CONFIG_INVALID.
 */

const namePattern = /^[A-Za-z0-9](?:[A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?$/;

/** A node's name: it stands in tags, worker ids and host names. */
export function readName(text: string, named: string): string {
  if (namePattern.test(text)) return text;
  throw invalid(
    named,
    `${shown(text)}, which can't be a node's name; use up to 63 letters, digits, dots and dashes, such as rabbit`,
  );
}

/** `HOST:PORT`, `[IPV6]:PORT`, or a port of this machine alone. */
export function readAddress(text: string, named: string): { host: string; port: number } {
  const match = /^(?:(?<host>\[[^\]]+\]|[^:[\]]+):)?(?<port>\d{1,5})$/.exec(text.trim());
  const host = (match?.groups?.["host"] ?? "127.0.0.1").replace(/^\[(.*)\]$/, "$1");
  const port = Number(match?.groups?.["port"]);
  const isBracketed = text.trim().startsWith("[");
  if (match !== null && port <= 65_535 && isBracketed === (isIP(host) === 6)) {
    return { host, port };
  }
  throw invalid(
    named,
    `${shown(text)}, which is no address to listen at; write HOST:PORT, such as 127.0.0.1:8773`,
  );
}

/** A path, made absolute: relative ones begin at `directory`. */
export function readPath(text: string, named: string, directory: string): string {
  if (text !== "" && !text.includes("\0")) return resolve(directory, text);
  throw invalid(named, "no path; name a file or directory, or leave it out");
}

/** How many tasks may run at once. */
export function readSlots(text: string, named: string): number {
  const slots = Number(text);
  if (/^\d+$/.test(text.trim()) && slots <= limits.slotsMax) return slots;
  throw invalid(
    named,
    `${shown(text)}; write a whole number from 0 (takes no work) to ${limits.slotsMax}`,
  );
}

/** A size in bytes. */
export function readBytes(text: string, named: string): number {
  const bytes = Number(text);
  if (/^\d+$/.test(text.trim()) && bytes > 0 && Number.isSafeInteger(bytes)) return bytes;
  throw invalid(named, `${shown(text)}; write a whole number of bytes from 1 on`);
}

/** Tags, checked one by one. */
export function readTags(given: string | readonly string[], named: string): readonly string[] {
  try {
    return parseTags(given);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new BlanketError("CONFIG_INVALID", `${named}: ${why}`, { setting: named }, cause);
  }
}

/** Names with commas between them. */
export function readNames(text: string): readonly string[] {
  return splitCommas(text);
}

/** Yes or no, as people write them in environments. */
export function readSwitch(text: string, named: string): boolean {
  const word = text.trim().toLowerCase();
  if (["1", "true", "yes", "on"].includes(word)) return true;
  if (["0", "false", "no", "off"].includes(word)) return false;
  throw invalid(named, `${shown(text)}; write true or false`);
}

function shown(text: string): string {
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text);
}

/** Always CONFIG_INVALID; `rest` goes on after "is". */
function invalid(named: string, rest: string): BlanketError {
  return new BlanketError("CONFIG_INVALID", `${named} is ${rest}.`, { setting: named });
}
