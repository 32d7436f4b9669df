import type { TSchema } from "typebox";

/**
 * One route of REST. From these tables come validation, the types of handlers and of the client,
 * and the OpenAPI document. Paths are written as the router wants them (`:id`, a final `*`).
 */
export interface Route {
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  readonly path: string;
  /** One line for the reference. */
  readonly summary: string;
  /** An object of texts, one for each `:name` in the path. */
  readonly params?: TSchema;
  /** An object; what it does not name is refused. */
  readonly query?: TSchema;
  /** What a JSON body must be; absent where a body is ignored. */
  readonly body?: TSchema;
  /**
   * Schema of the answer by status; a text that is not JSON is a `Type.String` with a media type.
   */
  readonly answers: Readonly<Record<number, TSchema>>;
}
