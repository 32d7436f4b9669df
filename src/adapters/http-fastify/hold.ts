import type { FastifyReply } from "fastify";

/** Something held open on behalf of a client: a stream, or an answer that waits. */
export interface Hold {
  /** Aborts when the connection closes or the server stops. */
  readonly signal: AbortSignal;
  /** Aborts it from here. */
  abort(): void;
  /** Must be called at the end. */
  release(): void;
}

/** Everything that is held open. */
export interface Holds {
  hold(reply: FastifyReply): Hold;
  open(): number;
}

export function createHolds(stopping: AbortSignal): Holds {
  const held = new Set<Hold>();
  return {
    open: () => held.size,
    hold(reply) {
      const controller = new AbortController();
      const abort = () => {
        controller.abort();
      };
      reply.raw.once("close", abort);
      stopping.addEventListener("abort", abort, { once: true });
      if (stopping.aborted || reply.raw.destroyed) abort();
      const hold = {
        signal: controller.signal,
        abort,
        release() {
          held.delete(hold);
          reply.raw.off("close", abort);
          stopping.removeEventListener("abort", abort);
        },
      };
      held.add(hold);
      return hold;
    },
  };
}
