import { request, type IncomingHttpHeaders, type IncomingMessage } from "node:http";
import { connect } from "node:net";

import {
  createHttpServer,
  type HttpOptions,
} from "../../src/adapters/http-fastify/http-fastify.ts";
import { limits } from "../../src/core/limits.ts";
import { createFakeControl, type FakeControl } from "../doubles/fake-control.ts";
import { createManualClock, type ManualClock } from "../doubles/manual-clock.ts";
import { createPlainMetrics, type PlainMetrics } from "../doubles/plain-metrics.ts";
import { createSilentLog, type SilentLog } from "../doubles/silent-log.ts";

/** What came back. */
export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  /** The body as JSON. */
  json(): unknown;
}

export interface Asked {
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
}

/** A server over real sockets, with a fake product behind it. */
export interface Rest {
  readonly url: string;
  readonly port: number;
  readonly control: FakeControl;
  readonly clock: ManualClock;
  readonly log: SilentLog;
  readonly metrics: PlainMetrics;
  ask(method: string, path: string, asked?: Asked): Promise<Answer>;
  /** The answer before its body has ended. */
  open(method: string, path: string, asked?: Asked): Promise<IncomingMessage>;
  /** Sends bytes as they are and reads until the other side closes or `enough` says so. */
  raw(text: string | Uint8Array, enough?: (got: string) => boolean): Promise<string>;
  stop(deadlineMs?: number): Promise<void>;
}

export async function startRest(options: Partial<HttpOptions> = {}): Promise<Rest> {
  const deps = {
    control: createFakeControl(),
    clock: createManualClock(),
    log: createSilentLog(),
    metrics: createPlainMetrics(),
  };
  const server = createHttpServer(deps, {
    host: "127.0.0.1",
    port: 0,
    hostNames: ["rabbit"],
    insecure: false,
    uploadBytesMax: limits.uploadBytesMax,
    ...options,
  });
  const { url, port } = await server.start();

  function open(method: string, path: string, asked: Asked = {}): Promise<IncomingMessage> {
    return new Promise((resolve, reject) => {
      const sent = request(
        { host: "127.0.0.1", port, method, path, agent: false, headers: { ...asked.headers } },
        resolve,
      );
      sent.once("error", reject);
      sent.end(asked.body);
    });
  }

  return {
    ...deps,
    url,
    port,
    open,
    ask: async (method, path, asked) => readAnswer(await open(method, path, asked)),
    raw: (text, enough = () => false) => sendRaw(port, text, enough),
    stop: (deadlineMs = 1_000) => server.stop(deadlineMs),
  };
}

async function readAnswer(message: IncomingMessage): Promise<Answer> {
  const text = await readAll(message);
  return {
    status: message.statusCode ?? 0,
    headers: message.headers,
    text,
    json: () => JSON.parse(text) as unknown,
  };
}

/** All of a body as text. */
export async function readAll(message: IncomingMessage): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of message) chunks.push(chunk as Uint8Array);
  return Buffer.concat(chunks).toString("utf8");
}

function sendRaw(
  port: number,
  text: string | Uint8Array,
  enough: (got: string) => boolean,
): Promise<string> {
  return new Promise((resolve) => {
    let got = "";
    const socket = connect(port, "127.0.0.1", () => {
      socket.write(text);
    });
    socket.setEncoding("utf8");
    socket.on("data", (chunk: string) => {
      got += chunk;
      if (enough(got)) socket.destroy();
    });
    socket.on("error", () => undefined);
    socket.once("close", () => {
      resolve(got);
    });
  });
}

/** A multipart body as curl writes it; a part with `filename` is a file part. */
export function multipartBody(
  parts: readonly {
    readonly name: string;
    readonly content: string | Uint8Array;
    readonly filename?: string;
    readonly type?: string;
  }[],
): { readonly headers: { readonly "content-type": string }; readonly body: Uint8Array } {
  const boundary = "----------------blanketboundary";
  const pieces: (string | Uint8Array)[] = [];
  for (const { name, content, filename, type } of parts) {
    const file = filename === undefined ? "" : `; filename="${filename}"`;
    pieces.push(`--${boundary}\r\nContent-Disposition: form-data; name="${name}"${file}\r\n`);
    if (type !== undefined) pieces.push(`Content-Type: ${type}\r\n`);
    pieces.push("\r\n", content, "\r\n");
  }
  pieces.push(`--${boundary}--\r\n`);
  return {
    headers: { "content-type": `multipart/form-data; boundary=${boundary}` },
    body: Buffer.concat(pieces.map((piece) => Buffer.from(piece as string))),
  };
}
