import multipart, { type MultipartFile, type MultipartValue } from "@fastify/multipart";
import type { FastifyInstance, FastifyRequest } from "fastify";

import { parseJson } from "../../contract/json-text.ts";
import { createUploadPaths, type UploadPaths } from "../../contract/upload-path.ts";
import { BlanketError } from "../../core/errors.ts";
import { limits } from "../../core/limits.ts";
import type { Submission } from "../../core/task/submission.ts";
import type { Control } from "../../ports/control.ts";
import { decodeUtf8 } from "./body.ts";

/** A multipart submission whose files are stored already. */
export interface Upload {
  readonly data: unknown;
  readonly files: Submission["files"];
}

interface UploadDeps {
  readonly control: Control;
  readonly uploadBytesMax: number;
}

/** The part that holds the task's fields. */
const dataPart = "data";
const dataExample = `-F data='{"type": "bash_task"}'`;

/** Lets routes read multipart bodies part by part. */
export async function acceptUploads(app: FastifyInstance): Promise<void> {
  await app.register(multipart, {
    throwFileSizeLimit: false,
    limits: {
      fieldNameSize: limits.uploadPathBytesMax + 1,
      fieldSize: limits.bodyBytesMax,
      // Counted here too, with better words: these only bound what the parser itself does.
      fileSize: Number.MAX_SAFE_INTEGER,
      files: limits.uploadFilesMax + 2,
      fields: limits.uploadFilesMax,
      parts: 2 * limits.uploadFilesMax,
    },
  });
}

/**
 * Reads a multipart submission: the task's fields from the part `data`, be it a field or a file,
 * and every other file part into the store under its field name. Parts come in any order; what was
 * stored when a later part fails is named by no task and goes with the next clean-up.
 *
 * @throws UPLOAD_INVALID, UPLOAD_TOO_LARGE, BODY_MALFORMED, BODY_TOO_LARGE
 */
export async function readUpload(request: FastifyRequest, deps: UploadDeps): Promise<Upload> {
  const paths = createUploadPaths();
  const files: Submission["files"][number][] = [];
  let data: { readonly value: unknown } | undefined;
  for await (const part of parsed(request.parts())) {
    if (part.fieldname === dataPart) {
      if (data !== undefined) throw invalid("there are two parts named data; send one.");
      data = { value: await readData(part) };
    } else {
      files.push(await storeFile(part, paths, files.length, deps));
    }
  }
  if (data !== undefined) return { data: data.value, files };
  throw invalid(`the part data with the task's fields is missing; send ${dataExample}.`);
}

async function readData(part: MultipartFile | MultipartValue): Promise<unknown> {
  if (part.type === "file") {
    const chunks: Uint8Array[] = [];
    for await (const chunk of bounded(part.file, limits.bodyBytesMax, dataTooLarge)) {
      chunks.push(chunk);
    }
    return parseJson(decodeUtf8(Buffer.concat(chunks)), dataExample);
  }
  if (part.valueTruncated) throw dataTooLarge();
  // The parser has decoded it where its part says that it is JSON.
  return typeof part.value === "string" ? parseJson(part.value, dataExample) : part.value;
}

async function storeFile(
  part: MultipartFile | MultipartValue,
  paths: UploadPaths,
  count: number,
  { control, uploadBytesMax }: UploadDeps,
): Promise<Submission["files"][number]> {
  const path = paths.add(part.fieldname ?? "");
  if (part.type !== "file") {
    throw invalid(
      `the form field ${JSON.stringify(path)} is no file; write -F ${path}=@FILE, and the task's fields into data.`,
    );
  }
  if (count >= limits.uploadFilesMax) {
    throw new BlanketError(
      "UPLOAD_TOO_LARGE",
      `an upload has at most ${limits.uploadFilesMax} files; pack them into one archive.`,
      { filesMax: limits.uploadFilesMax },
    );
  }
  const tooLarge = () =>
    new BlanketError(
      "UPLOAD_TOO_LARGE",
      `the file ${path} is larger than ${sizeText(uploadBytesMax)}, the most that is taken; let the command fetch it instead.`,
      { path, bytesMax: uploadBytesMax },
    );
  const blob = await control.upload(bounded(part.file, uploadBytesMax, tooLarge));
  return { path, ...blob };
}

/** What the multipart parser gives, with its own errors in our words: it throws bare ones. */
async function* parsed<T>(items: AsyncIterable<T>): AsyncGenerator<T> {
  try {
    yield* items;
  } catch (cause) {
    if (cause instanceof Error && "code" in cause) throw cause;
    throw new BlanketError(
      "UPLOAD_INVALID",
      "the upload is not the multipart/form-data that it claims to be, or broke off; send it again.",
      {},
      cause,
    );
  }
}

async function* bounded(
  chunks: AsyncIterable<Uint8Array>,
  bytesMax: number,
  tooLarge: () => BlanketError,
): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  for await (const chunk of parsed(chunks)) {
    bytes += chunk.length;
    if (bytes > bytesMax) throw tooLarge();
    yield chunk;
  }
}

function sizeText(bytes: number): string {
  const mib = bytes / 1_048_576;
  return mib >= 1 ? `${Math.floor(mib)} MiB` : `${bytes} bytes`;
}

function dataTooLarge(): BlanketError {
  return new BlanketError(
    "BODY_TOO_LARGE",
    `the part data has at most ${limits.bodyBytesMax / 1_024} KiB; send large content as a file (-F name=@file).`,
    { bytesMax: limits.bodyBytesMax },
  );
}

function invalid(sentence: string): BlanketError {
  return new BlanketError("UPLOAD_INVALID", sentence);
}
