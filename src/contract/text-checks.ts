import { BlanketError } from "../core/errors.ts";
import { limits } from "../core/limits.ts";

const controlCharacter = /\p{Cc}/u;
const notInTag = /[\s,\p{Cc}]/u;

/** Bytes of a text in UTF-8. */
export function utf8Bytes(text: string): number {
  return new TextEncoder().encode(text).length;
}

/** Whether a text takes more than `bytesMax` in UTF-8; short ones are not encoded to be counted. */
export function exceedsBytes(text: string, bytesMax: number): boolean {
  return text.length * 3 > bytesMax && utf8Bytes(text) > bytesMax;
}

/** Whether a text has a NUL, a line end, an escape or another control character. */
export function hasControlCharacter(text: string): boolean {
  return controlCharacter.test(text);
}

/** The parts of a comma-separated text, trimmed, without the empty ones. */
export function splitCommas(text: string): readonly string[] {
  return text
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part !== "");
}

/**
 * Tags as given in a body: a list, or one text with commas; without repeats, in the order given.
 *
 * @throws FIELD_INVALID
 */
export function parseTags(given: readonly string[] | string | undefined): readonly string[] {
  if (given === undefined) return [];
  const tags = [...new Set(typeof given === "string" ? splitCommas(given) : given)];
  if (tags.length > limits.tagsMax) {
    throw invalid("tags", `tags has ${tags.length} members, and ${limits.tagsMax} are the most.`);
  }
  for (const tag of tags) {
    if (tag === "" || notInTag.test(tag)) {
      const named = JSON.stringify(tag.slice(0, 80));
      throw invalid("tags", `tags holds ${named}; a tag is a text without spaces and commas.`);
    }
    if (exceedsBytes(tag, limits.tagBytesMax)) {
      throw invalid("tags", `tags holds one longer than ${limits.tagBytesMax} bytes; shorten it.`);
    }
  }
  return tags;
}

/** The error for a field of a body that is of the right type and yet cannot be taken. */
export function invalid(field: string, sentence: string): BlanketError {
  return new BlanketError("FIELD_INVALID", sentence, { field });
}
