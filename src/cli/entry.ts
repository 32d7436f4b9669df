import { fastPs } from "./fast/ps.ts";

/**
 * What `blanket` starts: `ps` by a path that loads next to nothing, all else by oclif. The build
 * makes one file of this and of all that the fast path needs (scripts/bundle.ts).
 */
const argv = process.argv.slice(2);
const text = argv[0] === "ps" ? await fastPs(argv.slice(1), process.env) : undefined;

if (text !== undefined) writeOut(text);
else {
  keepCompiled();
  const { main } = await import("./main.ts");
  await main(argv);
}

/**
 * Straight to the file descriptor: cheaper than the stream, which takes over from a slow reader.
 */
function writeOut(whole: string): void {
  let bytes = Buffer.from(whole);
  try {
    const { writeSync } = process.getBuiltinModule("node:fs");
    while (bytes.length > 0) bytes = bytes.subarray(writeSync(1, bytes));
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (code === "EAGAIN") process.stdout.write(bytes);
    // Whoever read has gone: `blanket ps | head` is no failure.
    else if (code !== "EPIPE") throw error;
  }
}

/**
 * A sixth of a command's start is compiling what it loads, so Node keeps the result. In a directory
 * of this user's own: the default one, under /tmp, could be prepared by somebody else.
 */
function keepCompiled(): void {
  const { XDG_CACHE_HOME, HOME } = process.env;
  const cache = XDG_CACHE_HOME || (HOME ? `${HOME}/.cache` : "");
  if (!cache.startsWith("/")) return;
  process.getBuiltinModule("node:module").enableCompileCache(`${cache}/blanket/compiled`);
}
