interface ParameterSchema {
  readonly type?: string;
}

/**
 * A query's texts as the values that their schema wants: numbers where it says number or integer,
 * booleans (true, false, 1, 0) where it says boolean. A text that is no such value stays what it
 * is, for the schema to refuse: never rounded, never taken for 0.
 */
export function queryValues(
  schema: { readonly properties?: Readonly<Record<string, ParameterSchema>> },
  query: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries(query).map(([name, given]) => {
      const known = Object.hasOwn(schema.properties ?? {}, name);
      return [name, known ? valueOf(schema.properties?.[name]?.type, given) : given];
    }),
  );
}

function valueOf(type: string | undefined, given: unknown): unknown {
  if (typeof given !== "string") return given;
  switch (type) {
    case "integer":
    case "number":
      return /^-?\d{1,15}(?:\.\d{1,15})?$/.test(given) ? Number(given) : given;
    case "boolean":
      return booleans.get(given) ?? given;
    case undefined:
    default:
      return given;
  }
}

const booleans: ReadonlyMap<string, boolean> = new Map([
  ["true", true],
  ["1", true],
  ["false", false],
  ["0", false],
]);
