import type { FastifyReply } from "fastify";

/**
 * A signal for what is held open on behalf of a client: aborts when the connection closes or the
 * server stops. `release` must be called at the end.
 */
export function holdSignal(
  reply: FastifyReply,
  stopping: AbortSignal,
): { readonly signal: AbortSignal; abort(): void; release(): void } {
  const controller = new AbortController();
  const abort = () => {
    controller.abort();
  };
  reply.raw.once("close", abort);
  stopping.addEventListener("abort", abort, { once: true });
  if (stopping.aborted) abort();
  return {
    signal: controller.signal,
    abort,
    release() {
      reply.raw.off("close", abort);
      stopping.removeEventListener("abort", abort);
    },
  };
}
