// Runs the commands straight from src/ with Node's own type stripping; no build, no tsc.
import { main } from "../src/cli/main.ts";

process.env.NODE_ENV = "development";
await main(process.argv.slice(2));
