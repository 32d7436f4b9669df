import { Readable } from "node:stream";

import type { FastifyReply } from "fastify";

import type { ResultNode } from "../../ports/files.ts";

type ResultFile = Extract<ResultNode, { kind: "file" }>;

const text = "text/plain; charset=utf-8";
const binary = "application/octet-stream";

/**
 * Types that a browser may show: none of them runs anything, and with `nosniff` it takes none for
 * another. Everything else is offered as a download.
 */
const shownTypes: Readonly<Record<string, string>> = {
  txt: text,
  log: text,
  out: text,
  err: text,
  md: text,
  csv: text,
  tsv: text,
  toml: text,
  yaml: text,
  yml: text,
  ini: text,
  json: "application/json; charset=utf-8",
  png: "image/png",
  jpg: "image/jpeg",
  jpeg: "image/jpeg",
  gif: "image/gif",
  webp: "image/webp",
};

/** Puts what a task wrote under a policy that lets nothing of it run or load. */
function sandbox(reply: FastifyReply): void {
  reply.header("content-security-policy", "sandbox; default-src 'none'");
  reply.header("cache-control", "no-store");
}

/** Answers with text that a task wrote. */
export function plainText(reply: FastifyReply, content: string): FastifyReply {
  sandbox(reply);
  return reply.type(text).send(content);
}

/**
 * Answers with a file that a task wrote, from `offset` or as a `Range` asks. A file that shrinks
 * meanwhile cuts the connection, since its length has been told.
 */
export function sendFile(
  reply: FastifyReply,
  file: { readonly node: ResultFile; readonly path: string; readonly offset?: number },
): FastifyReply {
  const { node, path } = file;
  const name = path.slice(path.lastIndexOf("/") + 1);
  const shown = shownTypes[name.slice(name.lastIndexOf(".") + 1).toLowerCase()];
  sandbox(reply);
  reply.type(shown ?? binary);
  reply.header("content-disposition", disposition(shown === undefined, name));
  reply.header("accept-ranges", "bytes");
  const part = partOf(reply, node.sizeBytes, file.offset);
  if (part === undefined) return reply.send("");
  reply.header("content-length", part.end - part.start);
  if (reply.request.method === "HEAD") return reply.send(Readable.from([]));
  return reply.send(Readable.from(bytesOf(node, part.start, part.end), { objectMode: false }));
}

function disposition(isDownload: boolean, name: string): string {
  const encoded = encodeURIComponent(name.toWellFormed()).replaceAll("'", "%27");
  return `${isDownload ? "attachment" : "inline"}; filename*=UTF-8''${encoded}`;
}

/**
 * Which bytes are asked for; sets status and headers of a range. Undefined where there are none.
 */
function partOf(
  reply: FastifyReply,
  sizeBytes: number,
  offset: number | undefined,
): { readonly start: number; readonly end: number } | undefined {
  if (offset !== undefined) return { start: Math.min(offset, sizeBytes), end: sizeBytes };
  const match = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(reply.request.headers.range ?? "");
  // Several ranges, or another unit: the whole file is an allowed answer.
  if (match === null || (match[1] === "" && match[2] === "")) return { start: 0, end: sizeBytes };
  const [, first = "", last = ""] = match;
  const start = first === "" ? Math.max(0, sizeBytes - Number(last)) : Number(first);
  const end = first === "" || last === "" ? sizeBytes : Math.min(sizeBytes, Number(last) + 1);
  if (start >= end) {
    reply.code(416).header("content-range", `bytes */${sizeBytes}`);
    return undefined;
  }
  reply.code(206).header("content-range", `bytes ${start}-${end - 1}/${sizeBytes}`);
  return { start, end };
}

async function* bytesOf(node: ResultFile, start: number, end: number): AsyncGenerator<Uint8Array> {
  let left = end - start;
  if (left === 0) return;
  for await (const chunk of node.read(start)) {
    yield chunk.length > left ? chunk.subarray(0, left) : chunk;
    left -= chunk.length;
    if (left <= 0) return;
  }
  throw new Error("the file has become shorter while it was read");
}
