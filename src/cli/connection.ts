import { defaultUrl } from "../client/base-url.ts";
import { BlanketError } from "../core/errors.ts";
import type { connectionFlags, GivenFlags } from "./flag-table.ts";
import { readWholeNumber } from "./read-flag.ts";

/** Where to find a node, and who asks. */
export interface Connection {
  readonly url: string;
  readonly token: string | undefined;
}

/**
 * Flags over environment over default.
 *
 * @throws COMMAND_INVALID
 */
export function readConnection(
  { url, port, token }: GivenFlags<typeof connectionFlags>,
  environment: Readonly<Record<string, string | undefined>>,
): Connection {
  if (url !== undefined && port !== undefined) {
    throw new BlanketError("COMMAND_INVALID", "--url and --port both name a node; give one.");
  }
  return {
    url: urlOf(url, port) ?? (environment["BLANKET_URL"] || defaultUrl),
    token: token ?? (environment["BLANKET_TOKEN"] || undefined),
  };
}

function urlOf(url: string | undefined, port: string | undefined): string | undefined {
  if (port === undefined) return url;
  return `http://127.0.0.1:${readWholeNumber("--port", port, 1, 65_535)}`;
}
