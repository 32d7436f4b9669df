// Runs the commands straight from src/ with Node's own type stripping; no build, no tsc.
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";

import { execute, settings } from "@oclif/core";

const root = fileURLToPath(new URL("..", import.meta.url));
const pjson = JSON.parse(await readFile(new URL("../package.json", import.meta.url), "utf8"));
pjson.oclif.commands = "./src/cli/commands";
settings.enableAutoTranspile = false;
process.env.NODE_ENV = "development";
await execute({ loadOptions: { root, pjson } });
