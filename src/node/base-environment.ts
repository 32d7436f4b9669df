/** What of the node's own environment every task gets (CONTRACT section 5). */
const passed = ["PATH", "HOME", "USER", "LOGNAME", "SHELL", "LANG", "LC_*", "TZ", "TMPDIR"];

/**
 * The allow-listed part of an environment; a trailing `*` matches any rest of a name. Everything
 * else stays with the daemon, so that its secrets never reach a task by accident.
 */
export function baseEnvironment(
  environment: Readonly<Record<string, string | undefined>>,
  more: readonly string[],
): Readonly<Record<string, string>> {
  const patterns = [...passed, ...more];
  const entries: [string, string][] = [];
  for (const [name, value] of Object.entries(environment)) {
    if (value !== undefined && patterns.some((pattern) => matches(name, pattern))) {
      entries.push([name, value]);
    }
  }
  return Object.fromEntries(entries);
}

function matches(name: string, pattern: string): boolean {
  return pattern.endsWith("*") ? name.startsWith(pattern.slice(0, -1)) : name === pattern;
}
