/**
 * A program for tests: reads a list of command lines of `blanket ps` as JSON from stdin, and prints
 * as JSON what each of them writes and ends with, by the fast path or by oclif.
 */
import { fastPs } from "../../src/cli/fast/ps.ts";
import { main } from "../../src/cli/main.ts";

const lines = JSON.parse(process.argv[3] ?? "[]") as readonly (readonly string[])[];
const write = process.stdout.write.bind(process.stdout);
const answers: unknown[] = [];

for (const argv of lines) {
  answers.push(process.argv[2] === "fast" ? await fastPs(argv, process.env) : await byOclif(argv));
}
write(JSON.stringify(answers.map((answer) => answer ?? null)));
process.exitCode = 0;

async function byOclif(argv: readonly string[]): Promise<string> {
  let text = "";
  process.stdout.write = (chunk: string | Uint8Array) => {
    text += String(chunk);
    return true;
  };
  await main(["ps", ...argv]);
  process.stdout.write = write;
  return text;
}
