import { readFileSync } from "node:fs";

import { parse, TomlError } from "smol-toml";

import { parseConfigFile, type ConfigFile } from "../../contract/config-file.ts";
import { BlanketError } from "../../core/errors.ts";

/**
 * Reads and checks the file of `--config`.
 *
 * @throws CONFIG_INVALID with file, line and column where it does not parse, file and key where it
 * says what can't be
 */
export function readConfigFile(path: string): ConfigFile {
  return parseConfigFile(path, parseToml(path, readText(path)));
}

function readText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (cause) {
    const code = cause instanceof Error && "code" in cause ? String(cause.code) : "error";
    const why = code === "ENOENT" ? "is not there" : `can't be read (${code})`;
    throw new BlanketError(
      "CONFIG_INVALID",
      `the file ${path} ${why}; name another with --config, or none: every setting has a default.`,
      { file: path, code },
      cause,
    );
  }
}

function parseToml(path: string, text: string): unknown {
  try {
    return parse(text);
  } catch (cause) {
    if (!(cause instanceof TomlError)) throw cause;
    const { line, column } = cause;
    // The library shows the place in a drawing below its sentence.
    const [why = ""] = cause.message.split("\n");
    throw new BlanketError(
      "CONFIG_INVALID",
      `${path}:${line}:${column}: ${why.replace(/^Invalid TOML document: /, "")}.`,
      { file: path, line, column },
      cause,
    );
  }
}
