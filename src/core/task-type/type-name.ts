import { limits } from "../limits.ts";

const namePattern = /^[A-Za-z0-9_][A-Za-z0-9_.-]*$/;

/** What a task type may be called, for sentences that refuse a name. */
export const typeNameAdvice = `use letters, digits, "_", "-" and ".", at most ${limits.typeNameBytesMax}, not beginning with "-" or "."`;

/**
 * Whether `text` can be the name of a task type. It is also the stem of a file's name, so that no
 * name leads out of the directory, hides, or looks like an option on the command line.
 */
export function isTypeName(text: string): boolean {
  return text.length <= limits.typeNameBytesMax && namePattern.test(text);
}
