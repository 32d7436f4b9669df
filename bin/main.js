// Starts the command line from dist/: `ps` by a path that loads next to nothing, all else by oclif.
import { existsSync, writeSync } from "node:fs";

const [command, ...rest] = process.argv.slice(2);

if (!existsSync(new URL("../dist/cli/main.js", import.meta.url))) {
  process.stderr.write("blanket: dist/ is not built yet. Run `npm ci` in the checkout.\n");
  process.exitCode = 1;
} else if (command !== "ps" || !(await printedFast())) {
  const { main } = await import("../dist/cli/main.js");
  await main(process.argv.slice(2));
}

async function printedFast() {
  const { fastPs } = await import("../dist/cli/fast/ps.js");
  const text = await fastPs(rest, process.env);
  if (text === undefined) return false;
  writeOut(text);
  return true;
}

/** Straight to the file descriptor: cheaper than the stream, which takes over where the reader is slow. */
function writeOut(text) {
  let bytes = Buffer.from(text);
  try {
    while (bytes.length > 0) bytes = bytes.subarray(writeSync(1, bytes));
  } catch (error) {
    if (error.code === "EAGAIN") process.stdout.write(bytes);
    else if (error.code !== "EPIPE") throw error;
  }
}
