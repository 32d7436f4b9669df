/**
 * Makes the fast path of `blanket ps` one file: its two dozen small modules take longer to find and
 * read than to run. Replaces what tsc wrote, so that nothing else knows of it.
 */
import { build } from "esbuild";

const entry = "dist/cli/fast/ps.js";

await build({
  entryPoints: [entry],
  outfile: entry,
  allowOverwrite: true,
  bundle: true,
  format: "esm",
  platform: "node",
  target: "node24",
  minify: true,
  logLevel: "warning",
});
