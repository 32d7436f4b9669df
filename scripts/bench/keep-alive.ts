import { createConnection, type Socket } from "node:net";

/**
 * One kept connection to a node. A client of our own, because `fetch` and `node:http` would take a
 * share of the two cores that shows in the figures.
 */
export interface Connection {
  /** The answer's body; rejects unless the status is one of success. One question at a time. */
  ask(method: string, path: string, body?: string): Promise<Buffer>;
  close(): void;
}

interface Answer {
  readonly status: number;
  readonly body: Buffer;
}

const headEnd = Buffer.from("\r\n\r\n");

/** Connects at once. */
export function connect(url: string): Connection {
  const { hostname, port, host } = new URL(url);
  const socket = createConnection({ host: hostname, port: Number(port), noDelay: true });
  const answers = readAnswers(socket);
  return {
    async ask(method, path, body = "") {
      const length = body === "" ? "" : `Content-Length: ${Buffer.byteLength(body)}\r\n`;
      socket.write(`${method} ${path} HTTP/1.1\r\nHost: ${host}\r\n${length}\r\n${body}`);
      const answer = await answers();
      if (answer.status >= 200 && answer.status < 300) return answer.body;
      throw new Error(`${method} ${path}: ${answer.status} ${answer.body.toString("utf8")}`);
    },
    close: () => socket.destroy(),
  };
}

/** A function that resolves with the next answer of the connection. */
function readAnswers(socket: Socket): () => Promise<Answer> {
  let next: PromiseWithResolvers<Answer> | undefined;
  let received: Buffer = Buffer.alloc(0);
  socket.on("data", (chunk) => {
    received = received.length === 0 ? chunk : Buffer.concat([received, chunk]);
    const answer = parseAnswer(received);
    if (answer === undefined) return;
    received = Buffer.alloc(0);
    next?.resolve(answer);
  });
  socket.on("error", (error) => next?.reject(error));
  socket.on("close", () => next?.reject(new Error("The node closed the connection.")));
  return () => {
    next = Promise.withResolvers();
    return next.promise;
  };
}

/** The answer, once all of it has come. The routes asked here say how long theirs are. */
function parseAnswer(received: Buffer): Answer | undefined {
  const end = received.indexOf(headEnd);
  if (end < 0) return undefined;
  const head = received.toString("latin1", 0, end);
  const length = /^content-length: *(\d+)/im.exec(head)?.[1];
  if (length === undefined) throw new Error(`An answer of unknown length: ${head}`);
  const from = end + headEnd.length;
  if (received.length < from + Number(length)) return undefined;
  const body = received.subarray(from, from + Number(length));
  return { status: Number(head.split(" ", 2)[1]), body };
}
