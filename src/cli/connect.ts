import { createClient, type Client } from "../client/client.ts";
import { readConnection } from "./connection.ts";
import type { connectionFlags, GivenFlags } from "./flag-table.ts";

/** The node that flags and environment name. */
export function connect(flags: GivenFlags<typeof connectionFlags>): Client {
  return createClient(readConnection(flags, process.env));
}
