import { createServer, isIP } from "node:net";

import { BlanketError } from "../../core/errors.ts";

/** Where to listen. */
export interface BindOptions {
  readonly host: string;
  /** 0 takes any free one. */
  readonly port: number;
  /** Off loopback without tokens. */
  readonly insecure: boolean;
}

/**
 * Whoever reaches REST runs commands, so another bind than loopback is a decision to be made.
 *
 * @throws BIND_INSECURE
 */
export function refuseOpenBind({ host, port, insecure }: BindOptions): void {
  if (insecure || isLoopback(host)) return;
  throw new BlanketError(
    "BIND_INSECURE",
    `${host} can be reached from other machines, and whoever reaches it runs commands here without a password; use --http 127.0.0.1:${port}, or say --insecure if you mean it.`,
    { host, port },
  );
}

/**
 * Whether REST could listen there now: asked before anything is made for a node that can't start.
 *
 * @throws BIND_INSECURE, PORT_TAKEN, CONFIG_INVALID
 */
export async function assertCanListen(options: BindOptions): Promise<void> {
  refuseOpenBind(options);
  const host = listenedHost(options.host);
  const cause = await whyNot(host, options.port);
  if (cause !== undefined) throw await bindError(cause, { ...options, host });
}

/** `localhost` may be IPv6 for the one who listens and IPv4 for the one who asks. */
export function listenedHost(host: string): string {
  return host === "localhost" ? "127.0.0.1" : host;
}

function isLoopback(host: string): boolean {
  if (host === "localhost" || host === "::1") return true;
  return isIP(host) === 4 && host.startsWith("127.");
}

/** What `listen` failed with, in our words. */
export async function bindError(
  cause: unknown,
  { host, port }: BindOptions,
): Promise<BlanketError> {
  const code = (cause as NodeJS.ErrnoException | null)?.code;
  const at = `${host}:${port}`;
  switch (code) {
    case "EADDRINUSE": {
      const free = await freePort(host, port);
      return new BlanketError(
        "PORT_TAKEN",
        `something listens at ${at} already, maybe another node; for a second one run \`blanket node --http ${host}:${free} --data ~/blanket-${free} --name node-${free}\`.`,
        { host, port, free },
        cause,
      );
    }
    case "EACCES":
      return new BlanketError(
        "CONFIG_INVALID",
        `the system does not let this user listen at ${at}; use a port from 1024 on.`,
        { host, port },
        cause,
      );
    case undefined:
    default:
      return new BlanketError(
        "CONFIG_INVALID",
        `nothing can listen at ${at} (${code ?? "unknown error"}); use an address of this machine, such as 127.0.0.1.`,
        { host, port },
        cause,
      );
  }
}

/** A port that can be listened at now, near the one that is taken; 0 (any) if none is. */
async function freePort(host: string, taken: number): Promise<number> {
  for (let port = taken + 10; port <= Math.min(taken + 100, 65_535); port += 10) {
    if ((await whyNot(host, port)) === undefined) return port;
  }
  return 0;
}

/** Why nothing can listen there; undefined where it can. */
function whyNot(host: string, port: number): Promise<Error | undefined> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once("error", resolve);
    probe.listen({ host, port }, () => {
      probe.close(() => {
        resolve(undefined);
      });
    });
  });
}
