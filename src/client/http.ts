import type { ClientRequest, IncomingMessage, OutgoingHttpHeaders } from "node:http";
import type { Readable } from "node:stream";

import { BlanketError } from "../core/errors.ts";
import { answeredError, notBlanket, unreachable } from "./failures.ts";

/** One request. */
export interface HttpRequest {
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  /** From the node's root on, with its query. */
  readonly path: string;
  readonly headers?: OutgoingHttpHeaders;
  readonly body?: HttpBody;
  /** Silence after which it is given up; 0 waits for ever. Default: the client's. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal | undefined;
}

export type HttpBody =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "stream"; readonly open: () => Readable };

/** Requests to one node. All throw NODE_UNREACHABLE, and what the node answers as an error. */
export interface Http {
  readonly url: string;
  /** The answer with its body still to be read. */
  open(request: HttpRequest): Promise<IncomingMessage>;
  /** Status and body as text. */
  text(request: HttpRequest): Promise<{ readonly status: number; readonly text: string }>;
  /** The JSON of the body: the caller says what the route answers. */
  json<T>(request: HttpRequest): Promise<T>;
  /** Closes idle connections. */
  close(): void;
}

export interface HttpOptions {
  /** Without a final slash. */
  readonly url: string;
  readonly token?: string | undefined;
  readonly timeoutMs: number;
}

/**
 * HTTP over `node:http`, taken as a built-in: the import of the same module makes ESM collect all
 * its names first, and with them loads what `fetch` is made of, which doubles a command's start-up.
 */
export function createHttp(options: HttpOptions): Http {
  const { url } = options;
  const isPlain = url.startsWith("http:");
  const library = process.getBuiltinModule(isPlain ? "node:http" : "node:https");
  const agent = new library.Agent({ keepAlive: true });

  function send(request: HttpRequest): Promise<IncomingMessage> {
    const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
    const sent = library.request(url + request.path, {
      method: request.method,
      agent,
      headers: headersOf(options, request),
      ...(request.signal === undefined ? {} : { signal: request.signal }),
    });
    const timeoutMs = request.timeoutMs ?? options.timeoutMs;
    if (timeoutMs > 0) sent.setTimeout(timeoutMs, () => sent.destroy(new TimeoutError()));
    sent.once("response", (answer) => {
      answer.once("end", () => stopSending(sent));
      resolve(answer);
    });
    sent.once("error", (error) => reject(failure(url, request, sent, error)));
    writeBody(sent, request.body);
    return promise;
  }

  async function open(request: HttpRequest): Promise<IncomingMessage> {
    const answer = await sendTwiceIfStale(send, request);
    const status = answer.statusCode ?? 0;
    if (status >= 200 && status < 300) return answer;
    throw answeredError(url, status, await readText(url, answer));
  }

  async function text(request: HttpRequest) {
    const answer = await open(request);
    return { status: answer.statusCode ?? 0, text: await readText(url, answer) };
  }

  return {
    url,
    open,
    text,
    async json<T>(request: HttpRequest) {
      return parseJson(url, (await text(request)).text) as T;
    },
    close: () => agent.destroy(),
  };
}

/** Says what broke in the words of the system's own errors. */
class TimeoutError extends Error {
  readonly code = "TIMEOUT";
}

/** A connection that the node closed just as it was used again: nothing was lost, so once more. */
class StaleConnectionError extends Error {}

async function sendTwiceIfStale(
  send: (request: HttpRequest) => Promise<IncomingMessage>,
  request: HttpRequest,
): Promise<IncomingMessage> {
  try {
    return await send(request);
  } catch (error) {
    if (error instanceof StaleConnectionError) return send(request);
    throw error;
  }
}

function failure(url: string, request: HttpRequest, sent: ClientRequest, error: Error): unknown {
  if (request.signal?.aborted === true || error instanceof BlanketError) return error;
  const code = "code" in error ? error.code : undefined;
  if (sent.reusedSocket && request.method === "GET" && code === "ECONNRESET") {
    return new StaleConnectionError(error.message, { cause: error });
  }
  if (typeof code === "string" && code.startsWith("HPE_")) return notBlanket(url, error);
  return unreachable(url, error);
}

function headersOf({ token }: HttpOptions, { headers, body }: HttpRequest): OutgoingHttpHeaders {
  return {
    accept: "application/json, text/event-stream, */*",
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    ...(body?.kind === "text"
      ? { "content-type": "application/json", "content-length": Buffer.byteLength(body.text) }
      : {}),
    ...headers,
  };
}

function writeBody(sent: ClientRequest, body: HttpBody | undefined): void {
  if (body === undefined) sent.end();
  else if (body.kind === "text") sent.end(body.text);
  else {
    const stream = body.open();
    stream.once("error", (error) => sent.destroy(error));
    sent.once("close", () => stream.destroy());
    stream.pipe(sent);
  }
}

/**
 * An answer may come before the whole body is sent, a refusal. `node:http` then neither goes on
 * sending nor lets go of the connection, which would keep this process alive.
 */
function stopSending(sent: ClientRequest): void {
  if (!sent.writableFinished) sent.destroy();
}

/** @throws NODE_UNREACHABLE where the answer breaks off */
async function readText(url: string, answer: IncomingMessage): Promise<string> {
  answer.setEncoding("utf8");
  let text = "";
  try {
    for await (const chunk of answer) text += chunk;
  } catch (error) {
    throw unreachable(url, error);
  }
  return text;
}

function parseJson(url: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw notBlanket(url, error);
  }
}
