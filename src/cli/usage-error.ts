import { BlanketError } from "../core/errors.ts";
import { nearest } from "../core/nearest.ts";

/**
 * What oclif's parser throws, by the members that its errors carry: their classes are not exported,
 * and their messages are paragraphs.
 */
interface ParseError {
  readonly message: string;
  readonly oclif?: { readonly exit?: number };
  /** Unknown flags, as typed. */
  readonly flags?: readonly string[];
  /** Missing arguments as they are declared, or surplus ones as typed. */
  readonly args?: readonly ({ readonly name: string } | string)[];
  readonly parse?: {
    readonly input?: {
      readonly flags: Readonly<Record<string, { readonly char?: string }>>;
      readonly context?: { readonly id?: string };
    };
  };
}

/** One sentence for a command that was typed wrong; undefined where that is not what happened. */
export function usageError(error: unknown): BlanketError | undefined {
  if (!(error instanceof Error) || !("oclif" in error)) return undefined;
  const { message, flags, args, parse } = error as ParseError;
  const id = parse?.input?.context?.id;
  const command = id === undefined ? "blanket" : `blanket ${id}`;
  const sentence =
    unknownFlag(flags, command, parse) ?? wrongArguments(args, command) ?? plain(message);
  return new BlanketError("COMMAND_INVALID", sentence, {}, error);
}

function unknownFlag(
  flags: ParseError["flags"],
  command: string,
  parse: ParseError["parse"],
): string | undefined {
  const [flag] = flags ?? [];
  if (flag === undefined) return undefined;
  const known = Object.keys(parse?.input?.flags ?? {}).map((name) => `--${name}`);
  const close = flag.startsWith("--") ? nearest(flag.replace(/=.*/, ""), known) : undefined;
  if (close !== undefined) return `\`${command}\` has no flag ${flag}; did you mean ${close}?`;
  const advice =
    command === "blanket run"
      ? "put -- before the command that is to run"
      : `\`${command} --help\` lists all`;
  return `\`${command}\` has no flag ${flag}; ${advice}.`;
}

function wrongArguments(args: ParseError["args"], command: string): string | undefined {
  const [first] = args ?? [];
  if (first === undefined) return undefined;
  if (typeof first === "string") {
    return `\`${command}\` does not take ${JSON.stringify(first)}; \`${command} --help\` shows what it takes.`;
  }
  const name = first.name.toUpperCase();
  return `\`${command}\` needs ${name}; \`${command} --help\` shows how.`;
}

/** "Flag --limit expects a value" and its like, without the paragraphs behind. */
function plain(message: string): string {
  const [line = ""] = message.split("\n");
  return `${line.replace(/^Flag /, "").replace(/\.$/, "")}.`;
}
