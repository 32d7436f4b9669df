import { execFileSync } from "node:child_process";
import { globSync, statSync } from "node:fs";
import { join } from "node:path";

const root = new URL("../..", import.meta.url).pathname;

/** Written last by `npm run build`. */
const newestOutput = "dist/cli/fast/ps.js";
const sources = ["src/**/*.{ts,json}", "scripts/bundle.ts", "package.json", "tsconfig.json"];

/**
 * Vitest's global setup of every suite that starts `bin/blanket`, which runs dist/: what was not
 * built since the last change would be tested as it was before.
 */
export default function freshBuild(): void {
  const changedAt = Math.max(...globSync(sources, { cwd: root }).map(modifiedAt));
  if (changedAt <= modifiedAt(newestOutput)) return;
  execFileSync("npm", ["run", "-s", "build"], { cwd: root, stdio: "inherit" });
}

function modifiedAt(path: string): number {
  return statSync(join(root, path), { throwIfNoEntry: false })?.mtimeMs ?? 0;
}
