import { parseBaseUrl } from "../../client/base-url.ts";
import { taskListPath } from "../../client/task-query.ts";
import type { ShownNode } from "../../core/membership/shown-node.ts";
import type { ShownTask } from "../../core/task/shown-task.ts";
import { readConnection, type Connection } from "../connection.ts";
import { psFlags } from "../flag-table.ts";
import { ps, readPsWish, type PsSource } from "../ps/ps.ts";
import { readScreen } from "../screen.ts";
import { parseFlags } from "./parse-flags.ts";
import { createPipeline } from "./pipeline.ts";

/**
 * `blanket ps` without oclif, TypeBox and `node:http`: what it prints, or undefined where anything
 * at all is out of the ordinary, and the long way finds the same and says it well.
 */
export async function fastPs(
  argv: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
): Promise<string | undefined> {
  const given = parseFlags(psFlags, argv);
  if (given === undefined) return undefined;
  try {
    const wish = readPsWish(given);
    const source = sourceOf(readConnection(given, environment));
    if (source === undefined) return undefined;
    return await ps(source, wish, { ...readScreen(environment), now: Date.now() });
  } catch {
    return undefined;
  }
}

function sourceOf({ url, token }: Connection): PsSource | undefined {
  const base = new URL(parseBaseUrl(url));
  const isPlain = base.protocol === "http:" && base.username === "";
  if (!isPlain || /[^\x21-\x7e]/.test(token ?? "")) return undefined;
  const root = base.pathname.replace(/\/$/, "");
  const get = createPipeline({ url: base, token });
  return {
    tasks: (query) => get(root + taskListPath(query)) as Promise<readonly ShownTask[]>,
    nodes: () => get(`${root}/node/`) as Promise<readonly ShownNode[]>,
  };
}
