/**
 * One GET over a bare socket, in HTTP/1.0: no keep-alive, no chunks, the end of the answer is the
 * end of the connection. Loading `node:http` alone takes a fifth of what a whole Node takes to
 * start. Rejects for whatever is not a plain 200 with JSON; the caller then asks the long way.
 */
export function getJson(
  url: { readonly hostname: string; readonly port: string; readonly host: string },
  path: string,
  token: string | undefined,
): Promise<unknown> {
  const { promise, resolve, reject } = Promise.withResolvers<unknown>();
  const socket = process.getBuiltinModule("node:net").connect({
    host: url.hostname.replace(/^\[(.*)\]$/, "$1"),
    port: Number(url.port || 80),
  });
  const chunks: Buffer[] = [];
  socket.setTimeout(silenceMs, () => socket.destroy(new Error("no answer")));
  socket.on("error", reject);
  socket.on("data", (chunk: Buffer) => chunks.push(chunk));
  socket.on("end", () => {
    try {
      resolve(parseAnswer(Buffer.concat(chunks)));
    } catch (error) {
      reject(error instanceof Error ? error : new Error(String(error)));
    }
  });
  const authorization = token === undefined ? "" : `authorization: Bearer ${token}\r\n`;
  socket.write(
    `GET ${path} HTTP/1.0\r\nhost: ${url.host}\r\naccept: application/json\r\n${authorization}connection: close\r\n\r\n`,
  );
  return promise;
}

const silenceMs = 10_000;

function parseAnswer(bytes: Buffer): unknown {
  const headEnd = bytes.indexOf("\r\n\r\n");
  const head = bytes.toString("latin1", 0, Math.max(headEnd, 0));
  const length = Number(/\r\ncontent-length: *(\d+)/i.exec(head)?.[1]);
  const body = bytes.subarray(headEnd + 4);
  if (!/^HTTP\/1\.[01] 200 /.test(head) || body.length !== length)
    throw new Error("no plain answer");
  return JSON.parse(body.toString("utf8"));
}
