import type { IncomingMessage } from "node:http";

/** How much of a refused body is read away before the connection is cut. */
const discardedBytesMax = 64 * 1024 * 1024;

/**
 * Reads away what a client still sends of a request that has its answer. Closing at once would
 * reset the connection, and the client might lose the answer that says why; most clients stop
 * sending when they see it.
 */
export function discardRest(request: IncomingMessage): void {
  if (request.complete || request.destroyed) return;
  request.unpipe();
  let bytes = 0;
  request.on("data", (chunk: Uint8Array) => {
    bytes += chunk.length;
    if (bytes > discardedBytesMax) request.destroy();
  });
  request.resume();
}
