import { BlanketError } from "../core/errors.ts";

/** Where a node listens unless it is told otherwise. */
export const defaultUrl = "http://127.0.0.1:8773";

/**
 * The address of a node as users write it; `rabbit:8773` is http. Without a final slash.
 *
 * @throws COMMAND_INVALID
 */
export function parseBaseUrl(text: string): string {
  const whole = /^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `http://${text}`;
  const url = URL.parse(whole);
  const isPlain = url !== null && url.search === "" && url.hash === "";
  if (isPlain && (url.protocol === "http:" || url.protocol === "https:")) {
    return url.href.replace(/\/+$/, "");
  }
  throw new BlanketError(
    "COMMAND_INVALID",
    `${JSON.stringify(text)} is no address of a node; write http://HOST:PORT, such as ${defaultUrl}.`,
    { url: text },
  );
}
