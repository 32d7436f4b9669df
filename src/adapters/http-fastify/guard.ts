import { isIP } from "node:net";
import { hostname } from "node:os";

import { BlanketError } from "../../core/errors.ts";

/** What the guard looks at: the headers of a request. */
export type Headers = Readonly<Record<string, string | readonly string[] | undefined>>;

/** How many Host headers are remembered as good; more than any honest client writes. */
const rememberedHosts = 64;

/**
 * Keeps web pages out. A page of another site can make its visitor's browser send requests here,
 * and by DNS rebinding can even read the answers under a name of its own; so a request must name
 * this node by an address or a name that is its own, and must not come from another origin.
 * Programs send no Origin and pass.
 */
export function createGuard(hostNames: readonly string[]): (headers: Headers) => void {
  const names = new Set(["localhost", ...hostNames, ...ownNames()].map(canonicalName));
  const good = new Set<string>();

  function checkHost(host: string): void {
    if (good.has(host)) return;
    const name = hostOf(host);
    if (name !== undefined && (isIP(name) !== 0 || names.has(canonicalName(name)))) {
      if (good.size < rememberedHosts) good.add(host);
      return;
    }
    throw new BlanketError(
      "HOST_FOREIGN",
      `this node is not called ${quoted(host)}; ask it by its IP address or as localhost, or add the name to host_names in its configuration.`,
      { host: host.slice(0, 260) },
    );
  }

  return (headers) => {
    const { host, origin } = headers;
    checkHost(typeof host === "string" ? host : "");
    if (typeof origin === "string") checkOrigin(origin, String(host));
    if (headers["sec-fetch-site"] === "cross-site") throw foreign("another site");
  };
}

/** Same origin is what the browser asked by the very same name and port. */
function checkOrigin(origin: string, host: string): void {
  const match = /^https?:\/\/([^/]+)$/i.exec(origin);
  if (match?.[1]?.toLowerCase() !== host.toLowerCase()) throw foreign(quoted(origin));
}

function foreign(who: string): BlanketError {
  return new BlanketError(
    "ORIGIN_FOREIGN",
    `a page of ${who} may not use this node, since whoever uses it runs commands; use the command line, curl, or a page of the node itself.`,
  );
}

/** The name or address in a Host header, without port and brackets. */
function hostOf(host: string): string | undefined {
  const match = /^(?:\[([0-9a-fA-F:.]+)\]|([^:/?#@[\]\s]+))(?::\d{1,5})?$/.exec(host);
  return match?.[1] ?? match?.[2];
}

/** The machine's name, whole and up to its first dot. */
function ownNames(): readonly string[] {
  const name = hostname();
  return [name, name.split(".")[0] ?? name];
}

function canonicalName(name: string): string {
  return name.toLowerCase().replace(/\.$/, "");
}

function quoted(text: string): string {
  return JSON.stringify(text.slice(0, 80));
}
