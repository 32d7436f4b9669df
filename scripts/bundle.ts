/**
 * Makes the entry of the command line one file with the fast path of `blanket ps` in it: its two
 * dozen small modules take longer to find and read than to run. Replaces what tsc wrote, so that
 * nothing else knows of it.
 */
import { resolve } from "node:path";

import { build } from "esbuild";

const entry = "dist/cli/entry.js";

await build({
  entryPoints: [entry],
  outfile: entry,
  allowOverwrite: true,
  bundle: true,
  external: [resolve("dist/cli/main.js")],
  format: "esm",
  platform: "node",
  target: "node24",
  minify: true,
  logLevel: "warning",
});
