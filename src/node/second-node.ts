import type { NodeConfig } from "../contract/config.ts";
import { BlanketError } from "../core/errors.ts";
import { quoteWord } from "../core/task-type/template.ts";

/** Leaves room for a port in a node's name, which has at most 63 characters. */
const nameBytesMax = 56;

/**
 * Adds to the refusal of a data directory that is in use the command that starts a second node. Its
 * address is the one that was asked for, since it was found free; named after its port, directory
 * and name are free, too.
 */
export function withSecondNode(error: unknown, { dataDirectory, http, name }: NodeConfig): unknown {
  if (!(error instanceof BlanketError) || error.code !== "STORE_LOCKED") return error;
  const { host, port } = http;
  const address = `${host.includes(":") ? `[${host}]` : host}:${port}`;
  const data = plainPath.test(dataDirectory) ? dataDirectory : quoteWord(dataDirectory);
  const command = `blanket node --http ${address} --data ${data}-${port} --name ${name.slice(0, nameBytesMax)}-${port}`;
  return new BlanketError(
    "STORE_LOCKED",
    `the data directory ${dataDirectory} is in use, most likely by a node that runs already; for a second one run \`${command}\`.`,
    { dataDirectory, command },
    error,
  );
}

const plainPath = /^[\w./+-]+$/;
