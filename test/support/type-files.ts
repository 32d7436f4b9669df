import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Task types that engine tests use, by name. */
const types = {
  plain: 'command = "true"',
  gpu: 'command = "true"\ntags = ["gpu"]',
  asks: `command = "echo {{.WORD}}"
[[environment.required]]
name = "WORD"
[[environment.default]]
name = "COLOUR"
value = "red"`,
  stubborn: `command = "false"
[retry]
attempts = 3
backoff = "constant"
delay = "10s"
jitter = 0`,
  again: 'command = "true"\non_lost = "rerun"',
  forget: 'command = "true"\non_lost = "skip"',
  broken: 'comand = "true"',
};

/** Writes the types into a directory of their own under `directory`, whose path it gives. */
export function writeTypes(directory: string): string {
  const path = join(directory, "task-types");
  mkdirSync(path);
  for (const [name, text] of Object.entries(types)) writeFileSync(join(path, `${name}.toml`), text);
  return path;
}
