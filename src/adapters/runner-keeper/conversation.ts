import type { Socket } from "node:net";

import {
  type DaemonLine,
  encodeLine,
  type KeeperHello,
  type KeeperLine,
  parseKeeperLine,
} from "../../contract/keeper-lines.ts";
import { createLineSplitter } from "../../contract/line-splitter.ts";
import { limits } from "../../core/limits.ts";
import type { Log } from "../../ports/log.ts";

/** What a keeper says after its hello. */
export type SaidLine = Exclude<KeeperLine, { kind: "hello" }>;

/** Lines to and from one keeper. */
export interface Conversation {
  /** The keeper's first line; rejects when the connection closes before. */
  readonly hello: Promise<KeeperHello>;
  /** Resolves when the connection is gone. */
  readonly closed: Promise<void>;
  /** Writes with everything else that is said during this turn of the event loop. */
  say(line: DaemonLine): void;
  /** From now on `onLine` is called for each line after the hello. */
  listen(onLine: (line: SaidLine) => void): void;
  /** Writes what was said, then closes. */
  end(): void;
  /** Closes at once, for this reason where there is one. */
  destroy(reason?: Error): void;
}

export function converse(socket: Socket, log: Log): Conversation {
  const hello = Promise.withResolvers<KeeperHello>();
  const closed = Promise.withResolvers<void>();
  // Whoever waits for it learns of the failure; where nobody does, it is none.
  hello.promise.catch(() => undefined);
  let early: SaidLine[] = [];
  let onLine = (line: SaidLine): void => void early.push(line);
  let said = "";
  let ignored = 0;

  function take(text: string): void {
    const line = parseKeeperLine(text);
    switch (line.kind) {
      case "hello":
        return hello.resolve(line);
      case "unknown":
      case "malformed":
        ignored += 1;
        if (ignored === 1) log.warn("the keeper says what this version does not know", { line });
        return;
      case "started":
      case "ended":
      case "voided":
      case "facts":
      case "replaced":
        return onLine(line);
    }
  }

  function flush(): void {
    const text = said;
    said = "";
    if (text !== "") socket.write(text);
  }

  const tooLong = (): void => void socket.destroy();
  const split = createLineSplitter(take, tooLong, limits.keeperLineCharactersMax);
  let cause: Error | undefined;
  socket.setEncoding("utf8");
  socket.on("data", split);
  socket.on("error", (error) => {
    cause = error;
  });
  socket.on("close", () => {
    hello.reject(cause ?? new Error("it closed the connection without a word"));
    closed.resolve();
  });
  return {
    hello: hello.promise,
    closed: closed.promise,
    say(line) {
      if (said === "") queueMicrotask(flush);
      said += encodeLine(line);
    },
    listen(next) {
      onLine = next;
      const lines = early;
      early = [];
      for (const line of lines) next(line);
    },
    end() {
      flush();
      socket.end();
    },
    destroy: (reason) => void socket.destroy(reason),
  };
}
