import { TypeBoxValidatorCompiler } from "@fastify/type-provider-typebox";
import type { FastifyInstance } from "fastify";
import type { TSchema } from "typebox";
import { Compile } from "typebox/compile";
import type { TLocalizedValidationError } from "typebox/error";

import { describeFault } from "../../contract/fault.ts";
import { BlanketError } from "../../core/errors.ts";

/**
 * Queries are checked by their TypeBox schema, texts made numbers and booleans where it says so.
 * Most requests have no query: those pass without any of that.
 */
export function validateQueries(app: FastifyInstance): void {
  app.setValidatorCompiler<TSchema>((route) => {
    const validate = TypeBoxValidatorCompiler(route);
    return (query: object) => {
      if (Object.keys(query).length === 0) return { value: query };
      const result = validate(query) as {
        readonly value?: unknown;
        readonly error?: readonly TLocalizedValidationError[];
      };
      if (result.error === undefined) return { value: result.value };
      const what = "query parameter";
      const { sentence, field } = describeFault(route.schema, result.error, query, what);
      return { error: new BlanketError("QUERY_INVALID", sentence, { field }) };
    };
  });
}

/**
 * Checks a decoded body against its schema.
 *
 * @throws FIELD_INVALID, BODY_MALFORMED
 */
export function createBodyCheck<const S extends TSchema>(schema: S) {
  const shape = Compile(schema);
  return (body: unknown) => {
    if (shape.Check(body)) return body;
    const { sentence, field } = describeFault(schema, shape.Errors(body), body, "field");
    if (field === undefined) throw new BlanketError("BODY_MALFORMED", sentence);
    throw new BlanketError("FIELD_INVALID", sentence, { field });
  };
}
