// Starts the command line from dist/: `ps` by a path that loads next to nothing, all else by oclif.
const { env } = process;
const fs = process.getBuiltinModule("node:fs");
const [command, ...rest] = process.argv.slice(2);

if (!fs.existsSync(new URL("../dist/cli/main.js", import.meta.url))) {
  process.stderr.write("blanket: it is not built yet; run `npm ci` in the checkout.\n");
  process.exitCode = 1;
} else if (command !== "ps" || !(await printedFast())) {
  keepCompiled();
  const { main } = await import("../dist/cli/main.js");
  await main(process.argv.slice(2));
}

async function printedFast() {
  const { fastPs } = await import("../dist/cli/fast/ps.js");
  const text = await fastPs(rest, env);
  if (text === undefined) return false;
  writeOut(text);
  return true;
}

/**
 * Straight to the file descriptor: cheaper than the stream, which takes over where the reader is
 * slow.
 */
function writeOut(text) {
  let bytes = Buffer.from(text);
  try {
    while (bytes.length > 0) bytes = bytes.subarray(fs.writeSync(1, bytes));
  } catch (error) {
    if (error.code === "EAGAIN") process.stdout.write(bytes);
    else if (error.code !== "EPIPE") throw error;
  }
}

/**
 * A sixth of a command's start is compiling what it loads, so Node keeps the result. In a directory
 * of this user's own: the default one, under /tmp, could be prepared by somebody else.
 */
function keepCompiled() {
  const cache = env.XDG_CACHE_HOME || (env.HOME && `${env.HOME}/.cache`);
  if (!cache || !cache.startsWith("/")) return;
  process.getBuiltinModule("node:module").enableCompileCache(`${cache}/blanket/compiled`);
}
