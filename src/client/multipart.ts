import { createReadStream, statSync } from "node:fs";
import { Readable } from "node:stream";

import { BlanketError } from "../core/errors.ts";
import type { HttpBody } from "./http.ts";

/** A file to upload, and where it goes in the task's directory. */
export interface UploadFile {
  readonly path: string;
  /** Relative, `/` between parts. */
  readonly destination: string;
}

export interface Multipart {
  readonly headers: Readonly<Record<string, string | number>>;
  readonly body: HttpBody;
}

/**
 * A body with the part `data` and the files, which are read while they are sent: their sizes are
 * looked up first, so that the node knows the length. The boundary must not occur in any of them,
 * so it is long and random.
 *
 * @throws UPLOAD_INVALID for a file that can't be read
 */
export function createMultipart(data: string, files: readonly UploadFile[]): Multipart {
  const boundary = `blanket-${crypto.randomUUID()}`;
  const parts = files.map((file) => ({
    file,
    head: Buffer.from(
      `--${boundary}\r\ncontent-disposition: form-data; name="${quoted(file.destination)}"; filename="${quoted(baseName(file.path))}"\r\ncontent-type: application/octet-stream\r\n\r\n`,
    ),
    sizeBytes: sizeOf(file.path),
  }));
  const first = Buffer.from(
    `--${boundary}\r\ncontent-disposition: form-data; name="data"\r\n\r\n${data}\r\n`,
  );
  const last = Buffer.from(`--${boundary}--\r\n`);
  const length = parts.reduce(
    (sum, { head, sizeBytes }) => sum + head.length + sizeBytes + 2,
    first.length + last.length,
  );

  async function* chunks(): AsyncGenerator<Uint8Array> {
    yield first;
    for (const { file, head, sizeBytes } of parts) {
      yield head;
      yield* contentOf(file.path, sizeBytes);
      yield Buffer.from("\r\n");
    }
    yield last;
  }

  return {
    headers: {
      "content-type": `multipart/form-data; boundary=${boundary}`,
      "content-length": length,
    },
    body: { kind: "stream", open: () => Readable.from(chunks(), { objectMode: false }) },
  };
}

/** As curl writes names: what would end the quotes is escaped. */
function quoted(name: string): string {
  return name.replaceAll(/[\\"]/g, "\\$&").replaceAll(/[\r\n]/g, " ");
}

function baseName(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

function sizeOf(path: string): number {
  try {
    const stats = statSync(path);
    if (stats.isFile()) return stats.size;
  } catch (cause) {
    throw unreadable(
      path,
      "code" in (cause as Error) ? String((cause as NodeJS.ErrnoException).code) : "error",
      cause,
    );
  }
  throw unreadable(path, "it is not a regular file");
}

/**
 * @throws UPLOAD_INVALID where the file changes its size while it is read: its length is promised
 */
async function* contentOf(path: string, sizeBytes: number): AsyncGenerator<Uint8Array> {
  let sent = 0;
  const stream: AsyncIterable<Uint8Array> = createReadStream(path);
  for await (const chunk of stream) {
    sent += chunk.length;
    if (sent > sizeBytes) break;
    yield chunk;
  }
  if (sent !== sizeBytes) throw unreadable(path, "it changed while it was sent");
}

function unreadable(path: string, why: string, cause?: unknown): BlanketError {
  const reason = why === "ENOENT" ? "it is not there" : why;
  return new BlanketError(
    "UPLOAD_INVALID",
    `the file ${path} can't be uploaded (${reason}); name a file that can be read.`,
    { path },
    cause,
  );
}
