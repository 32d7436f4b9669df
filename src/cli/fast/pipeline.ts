/** Where requests go. */
export interface Target {
  /** Of `http:`. */
  readonly url: URL;
  readonly token: string | undefined;
}

/** Asks for the JSON at a path. */
export type GetJson = (path: string) => Promise<unknown>;

interface Question {
  readonly path: string;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
}

const silenceMs = 10_000;

/**
 * GETs over one bare socket: what is asked in one turn of the loop is sent in one go, and the
 * answers come back in that order. Loading `node:http` alone takes half as long as Node takes to
 * start. Rejects for whatever is not a plain 200 with JSON: the caller then asks the long way.
 */
export function createPipeline(target: Target): GetJson {
  let questions: Question[] = [];
  return (path) =>
    new Promise((resolve, reject) => {
      if (questions.push({ path, resolve, reject }) > 1) return;
      queueMicrotask(() => {
        ask(target, questions);
        questions = [];
      });
    });
}

function ask({ url, token }: Target, questions: readonly Question[]): void {
  const socket = process.getBuiltinModule("node:net").connect({
    host: url.hostname.replace(/^\[(.*)\]$/, "$1"),
    port: Number(url.port || 80),
  });
  const chunks: Buffer[] = [];
  const fail = (error: Error) => {
    for (const { reject } of questions) reject(error);
  };
  socket.setTimeout(silenceMs, () => socket.destroy(new Error("no answer")));
  socket.on("error", fail);
  socket.on("data", (chunk: Buffer) => chunks.push(chunk));
  socket.on("end", () => {
    try {
      answer(Buffer.concat(chunks), questions);
    } catch (error) {
      fail(error instanceof Error ? error : new Error(String(error)));
    }
  });
  const authorization = token === undefined ? "" : `authorization: Bearer ${token}\r\n`;
  const head = `host: ${url.host}\r\naccept: application/json\r\n${authorization}`;
  const requests = questions.map(({ path }, index) => {
    const isLast = index === questions.length - 1;
    return `GET ${path} HTTP/1.1\r\n${head}connection: ${isLast ? "close" : "keep-alive"}\r\n\r\n`;
  });
  socket.write(requests.join(""));
}

/** Answers with a length, one behind the other, and nothing behind the last. */
function answer(bytes: Buffer, questions: readonly Question[]): void {
  let from = 0;
  for (const { resolve } of questions) {
    const headEnd = bytes.indexOf("\r\n\r\n", from);
    const head = bytes.toString("latin1", from, headEnd);
    const length = Number(/\r\ncontent-length: *(\d+)(?:\r\n|$)/i.exec(head)?.[1]);
    const end = headEnd + 4 + length;
    const isPlain = headEnd >= 0 && head.startsWith("HTTP/1.1 200 ") && end <= bytes.length;
    if (!isPlain) throw new Error("no plain answer");
    resolve(JSON.parse(bytes.toString("utf8", headEnd + 4, end)));
    from = end;
  }
}
