import { Type, type Static } from "typebox";
import { Compile } from "typebox/compile";

import { BlanketError } from "../core/errors.ts";
import { limits } from "../core/limits.ts";
import { schemaProblems, type KeyWords } from "./schema-problems.ts";

const texts = (description: string) => Type.Optional(Type.Array(Type.String(), { description }));

/** The optional file of a node (`--config FILE`). What it leaves out has its default. */
export const configFileSchema = Type.Object(
  {
    name: Type.Optional(
      Type.String({
        description:
          "The node's name, part of its workers' ids. Default: the host name up to its first dot.",
      }),
    ),
    data: Type.Optional(
      Type.String({
        description:
          "Data directory, relative to this file. Default: $XDG_DATA_HOME/blanket, else ~/.local/share/blanket.",
      }),
    ),
    http: Type.Optional(
      Type.String({
        description:
          "HOST:PORT of REST. Default 127.0.0.1:8773, since whoever reaches it runs commands.",
      }),
    ),
    slots: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: limits.slotsMax,
        description: "Tasks that run at once; 0 takes no work. Default: one for each CPU.",
      }),
    ),
    tags: texts("Capabilities of this machine, beside those that are detected. Default: none."),
    types: texts(
      "Directories of task types, relative to this file; ./task-types and the shipped ones follow. Default: none.",
    ),
    store_module: Type.Optional(
      Type.String({
        description:
          "An abstract-level module in place of LevelDB: a package's name or a path relative to this file. Default: level.",
      }),
    ),
    host_names: texts(
      "Names, beside its own, under which this node's REST may be asked: others are refused, since a web page could hide behind them. Default: none.",
    ),
    pass_environment: texts(
      "Names of the node's own variables that tasks get; a trailing * stands for any rest. Default: none, since they may hold secrets.",
    ),
    upload_bytes_max: Type.Optional(
      Type.Integer({
        minimum: 1,
        description:
          "The largest file that is taken with a task, in bytes: what is uploaded fills this node's disk. Default: 1 GiB.",
      }),
    ),
    insecure: Type.Optional(
      Type.Boolean({
        description: "Lets http be an address that other machines reach. Default: false.",
      }),
    ),
  },
  { additionalProperties: false },
);

/** A checked file, as it is written. */
export type ConfigFile = Static<typeof configFileSchema>;

const validator = Compile(configFileSchema);

const words: KeyWords = {
  keysAt: (path) => (path === "" ? Object.keys(configFileSchema.properties) : undefined),
  unknown: () => undefined,
  misfit: () => undefined,
};

/**
 * Checks a parsed TOML document; `path` is for the sentence.
 *
 * @throws CONFIG_INVALID naming file and key
 */
export function parseConfigFile(path: string, document: unknown): ConfigFile {
  if (validator.Check(document)) return document;
  const problems = schemaProblems(validator.Errors(document), words);
  const [first, ...others] = problems.map(({ message }) => message);
  const more = others.length === 0 ? "" : ` (and ${others.length} more: ${others.join(" ")})`;
  throw new BlanketError("CONFIG_INVALID", `${path}: ${first ?? "it is not valid."}${more}`, {
    file: path,
    problems,
  });
}
