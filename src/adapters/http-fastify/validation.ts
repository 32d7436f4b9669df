import { TypeBoxValidatorCompiler } from "@fastify/type-provider-typebox";
import type { FastifyInstance } from "fastify";
import type { TSchema } from "typebox";
import { Compile } from "typebox/compile";
import type { TLocalizedValidationError } from "typebox/error";

import { describeFault } from "../../contract/fault.ts";
import { queryValues } from "../../contract/query-values.ts";
import { BlanketError } from "../../core/errors.ts";

/**
 * Queries are checked by their TypeBox schema, after texts were made numbers and booleans where it
 * says so. (The compiler's own conversion for queries makes 1 of 1.5 and 0 of an empty text: it is
 * told that this is a body, which it takes as it is.) Most requests have no query and pass at once.
 */
export function validateQueries(app: FastifyInstance): void {
  app.setValidatorCompiler<TSchema>((route) => {
    const validate = TypeBoxValidatorCompiler({ ...route, httpPart: "body" });
    return (query: Readonly<Record<string, unknown>>) => {
      if (Object.keys(query).length === 0) return { value: query };
      const values = queryValues(route.schema, query);
      const result = validate(values) as {
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
