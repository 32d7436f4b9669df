import type { Socket } from "node:net";

/** What Node's own parser refuses before there is a request, by its error code. */
const refusals: Readonly<Record<string, readonly [status: string, sentence: string]>> = {
  HPE_HEADER_OVERFLOW: [
    "431 Request Header Fields Too Large",
    "the headers are longer than 16 KiB; shorten them.",
  ],
  ERR_HTTP_REQUEST_TIMEOUT: [
    "408 Request Timeout",
    "the request did not arrive in time; send it again.",
  ],
};

/** Answers what is not HTTP, in the form that all errors have, and closes. */
export function answerClientError(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === "ECONNRESET" || !socket.writable) {
    socket.destroy();
    return;
  }
  const [status, sentence] = refusals[error.code ?? ""] ?? [
    "400 Bad Request",
    "the request is not HTTP/1.1; check the client.",
  ];
  const body = JSON.stringify({ error: sentence, code: "BODY_MALFORMED", details: {} });
  socket.end(
    `HTTP/1.1 ${status}\r\nContent-Type: application/json; charset=utf-8\r\n` +
      `Content-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  );
}
