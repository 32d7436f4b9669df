import { isUtf8 } from "node:buffer";

import type { FastifyInstance, FastifyRequest } from "fastify";

import { parseJson } from "../../contract/json-text.ts";
import { BlanketError } from "../../core/errors.ts";

/**
 * JSON is read whatever the Content-Type says: `curl -d` claims a form. So all types but multipart
 * are dropped before the router looks, and every body arrives at its handler as bytes; handlers
 * that want none never fail on one.
 */
export function acceptAnyBody(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser("*", { parseAs: "buffer" }, (_request, bytes, done) => {
    done(null, bytes);
  });
}

/** For the first hook of a request: see {@link acceptAnyBody}. */
export function forgetContentType(request: FastifyRequest): void {
  const { headers } = request.raw;
  const type = headers["content-type"];
  if (type !== undefined && !isMultipart(type)) delete headers["content-type"];
}

function isMultipart(contentType: string): boolean {
  return /^\s*multipart\/form-data\s*(?:;|$)/i.test(contentType);
}

/**
 * The JSON of a request's body; undefined where it has none.
 *
 * @throws BODY_MALFORMED
 */
export function readJsonBody(request: FastifyRequest, example: string): unknown {
  const { body } = request;
  if (body instanceof Uint8Array && body.length > 0) return parseJson(decodeUtf8(body), example);
  if (!request.isMultipart()) return undefined;
  throw new BlanketError(
    "BODY_MALFORMED",
    `this route takes no form; send JSON, such as ${example}.`,
  );
}

/** Bytes as text. A byte that is not UTF-8 is refused, not replaced. @throws BODY_MALFORMED */
export function decodeUtf8(bytes: Uint8Array): string {
  if (!isUtf8(bytes)) {
    throw new BlanketError("BODY_MALFORMED", "the body is not UTF-8; send JSON in UTF-8.");
  }
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8");
}
