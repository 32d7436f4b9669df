import type { RunEnd, RunFacts } from "../core/journal.ts";
import {
  countOf,
  endOf,
  type Fields,
  fieldsOf,
  LineFault,
  objectOf,
  type RunName,
  runNameOf,
  textOf,
} from "./line-fields.ts";

/**
 * What daemon and keeper say to each other over a Unix socket: one JSON object a line. The two may
 * be of different versions, since a keeper outlives an upgrade of the daemon: they understand each
 * other where this number is the same. Lines of an unknown kind, and unknown fields, are ignored.
 */
export const keeperProtocol = 1;

/** What a daemon says. Only after its `hello` does the keeper take it for its daemon. */
export type DaemonLine =
  | { readonly kind: "hello"; readonly protocol: number; readonly version: string }
  | StartLine
  | (RunName & { readonly kind: "stop"; readonly graceMs: number })
  /**
   * Asks what became of an attempt. One that the keeper does not know never starts from then on.
   */
  | (RunName & { readonly kind: "inquire" })
  /** Its end is stored: the keeper may forget it. */
  | (RunName & { readonly kind: "acknowledge" })
  /** All but these that has ended is stored, or nobody's any more: the keeper may forget it. */
  | { readonly kind: "recovered"; readonly open: readonly RunName[] };

/** Asks for a start; a repeated one is answered with what is known of the attempt. */
export interface StartLine extends RunName {
  readonly kind: "start";
  readonly argv: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  /** Absolute. */
  readonly directory: string;
  /** 0 is none. */
  readonly timeoutMs: number;
  readonly killGraceMs: number;
}

/** What a keeper says. `hello` comes first, unasked. */
export type KeeperLine =
  | KeeperHello
  | (RunName & { readonly kind: "started"; readonly pid: number; readonly at: number })
  | (RunName & { readonly kind: "ended"; readonly end: RunEnd })
  | (RunName & { readonly kind: "voided"; readonly reason: string })
  /** The answer to `inquire`. */
  | (RunName & { readonly kind: "facts"; readonly facts: RunFacts })
  /** The last word: another daemon has come, and is told everything from now on. */
  | { readonly kind: "replaced" };

/** A keeper's first line: who it is, and what it speaks. */
export interface KeeperHello {
  readonly kind: "hello";
  readonly protocol: number;
  readonly version: string;
  readonly pid: number;
  readonly spawner: "posix_spawn" | "fork";
}

/**
 * A line that says nothing to this version, or is broken; both are counted and otherwise ignored.
 */
export type IgnoredLine =
  | { readonly kind: "unknown"; readonly name: string }
  | { readonly kind: "malformed"; readonly reason: string };

/** The line as it goes over the socket, with its newline. */
export function encodeLine(line: DaemonLine | KeeperLine): string {
  return `${JSON.stringify(line)}\n`;
}

/** What a daemon said in `line`. */
export function parseDaemonLine(line: string): DaemonLine | IgnoredLine {
  return parsed(line, (kind, fields) => {
    switch (kind) {
      case "hello":
        return {
          kind,
          protocol: countOf(fields, "protocol"),
          version: textOf(fields, "version"),
        };
      case "start":
        return startOf(fields);
      case "stop":
        return { kind, ...runNameOf(fields), graceMs: countOf(fields, "graceMs") };
      case "inquire":
      case "acknowledge":
        return { kind, ...runNameOf(fields) };
      case "recovered":
        return { kind, open: runNamesOf(fields) };
    }
    return undefined;
  });
}

/** What a keeper said in `line`. */
export function parseKeeperLine(line: string): KeeperLine | IgnoredLine {
  return parsed(line, (kind, fields) => {
    switch (kind) {
      case "hello":
        return {
          kind,
          protocol: countOf(fields, "protocol"),
          version: textOf(fields, "version"),
          pid: countOf(fields, "pid"),
          spawner: textOf(fields, "spawner") === "fork" ? "fork" : "posix_spawn",
        };
      case "started":
        return {
          kind,
          ...runNameOf(fields),
          pid: countOf(fields, "pid"),
          at: countOf(fields, "at"),
        };
      case "ended":
        return { kind, ...runNameOf(fields), end: endOf(fields, "end") };
      case "voided":
        return { kind, ...runNameOf(fields), reason: textOf(fields, "reason") };
      case "facts":
        return { kind, ...runNameOf(fields), facts: factsOf(objectOf(fields["facts"], "facts")) };
      case "replaced":
        return { kind };
    }
    return undefined;
  });
}

function parsed<T extends { readonly kind: string }>(
  line: string,
  read: (kind: string, fields: Fields) => T | undefined,
): T | IgnoredLine {
  try {
    const fields = fieldsOf(line);
    const name = textOf(fields, "kind");
    return read(name, fields) ?? { kind: "unknown", name };
  } catch (error) {
    if (error instanceof LineFault) return { kind: "malformed", reason: error.message };
    throw error;
  }
}

function startOf(fields: Fields): StartLine {
  const { argv } = fields;
  if (!Array.isArray(argv) || argv.length === 0 || !argv.every(isText)) {
    throw new LineFault("argv is not a list of texts");
  }
  const environment = objectOf(fields["environment"], "environment");
  for (const name in environment) textOf(environment, name);
  return {
    kind: "start",
    ...runNameOf(fields),
    argv,
    environment: environment as Readonly<Record<string, string>>,
    directory: textOf(fields, "directory"),
    timeoutMs: countOf(fields, "timeoutMs"),
    killGraceMs: countOf(fields, "killGraceMs"),
  };
}

function runNamesOf({ open }: Fields): readonly RunName[] {
  if (!Array.isArray(open)) throw new LineFault("open is not a list");
  return open.map((name) => runNameOf(objectOf(name, "what is open")));
}

function isText(value: unknown): value is string {
  return typeof value === "string";
}

function factsOf(fields: Fields): RunFacts {
  const kind = textOf(fields, "kind");
  if (kind === "voided") return { kind };
  const seen = { pid: countOf(fields, "pid"), startedAt: countOf(fields, "startedAt") };
  switch (kind) {
    case "running":
    case "vanished":
      return { kind, ...seen };
    case "ended":
      return { kind, ...seen, end: endOf(fields, "end") };
  }
  throw new LineFault("facts are of an unknown kind");
}
