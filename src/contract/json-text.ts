import { BlanketError } from "../core/errors.ts";

/**
 * What a JSON text says. `example` is a text that would have done, for the sentence.
 *
 * @throws BODY_MALFORMED
 */
export function parseJson(text: string, example: string): unknown {
  if (text.trim() === "") {
    throw new BlanketError("BODY_MALFORMED", `the body is empty; send JSON, such as ${example}.`);
  }
  try {
    return JSON.parse(text);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : "it does not parse";
    throw new BlanketError(
      "BODY_MALFORMED",
      `the body is not JSON (${why.replaceAll(/\s+/g, " ")}); send JSON, such as ${example}.`,
      {},
      cause,
    );
  }
}
