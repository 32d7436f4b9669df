/**
 * Flags as data: the fast path parses them by itself, everything else hands them to oclif, and both
 * read the same table. Values stay texts here; what they mean is decided in one place for both.
 */
export interface FlagRow {
  /** A switch is there or not, a text has a value, texts have one each time they are given. */
  readonly kind: "switch" | "text" | "texts";
  readonly char?: "a" | "d" | "e" | "f" | "l" | "n" | "p" | "q" | "s" | "t" | "u" | "y";
  readonly summary: string;
  /** What stands for the value in help. */
  readonly value?: string;
}

export type FlagTable = Readonly<Record<string, FlagRow>>;

/** What was given for the flags of a table. */
export type GivenFlags<T extends FlagTable> = {
  readonly [Name in keyof T]?: ValueOf<T[Name]["kind"]> | undefined;
};

type ValueOf<Kind extends FlagRow["kind"]> = Kind extends "switch"
  ? boolean
  : Kind extends "text"
    ? string
    : readonly string[];

/** How every command that asks a node finds it. */
export const connectionFlags = {
  url: {
    kind: "text",
    char: "u",
    value: "URL",
    summary: "Any node. Default $BLANKET_URL, else http://127.0.0.1:8773.",
  },
  port: { kind: "text", char: "p", value: "N", summary: "A node on this machine, by its port." },
  token: { kind: "text", value: "TOKEN", summary: "Access token. Default $BLANKET_TOKEN." },
} as const satisfies FlagTable;

/** On everything that prints data. */
export const jsonFlag = {
  json: { kind: "switch", summary: "Print JSON, as REST answers it." },
} as const satisfies FlagTable;

/** Which tasks. */
export const filterFlags = {
  states: {
    kind: "text",
    char: "s",
    value: "STATES",
    summary: "In any of these states, with commas between them.",
  },
  types: {
    kind: "text",
    char: "t",
    value: "TYPES",
    summary: "Of any of these types, with commas between them.",
  },
  requiredTags: {
    kind: "text",
    value: "TAGS",
    summary: "Naming all of these tags, with commas between them.",
  },
  maxTags: {
    kind: "text",
    value: "TAGS",
    summary: "Naming no tags but these, with commas between them.",
  },
  limit: { kind: "text", char: "l", value: "N", summary: "The newest N at most; default 500." },
} as const satisfies FlagTable;

/** `blanket ps`. */
export const psFlags = {
  ...connectionFlags,
  ...jsonFlag,
  ...filterFlags,
  quiet: { kind: "switch", char: "q", summary: "Print ids only." },
  all: { kind: "switch", char: "a", summary: "Also tasks that ended more than an hour ago." },
  template: {
    kind: "text",
    value: "TEXT",
    summary: "A line for each task, such as '{{.id}} {{.state}}'.",
  },
} as const satisfies FlagTable;
