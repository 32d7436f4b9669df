/**
 * Goal: where Blanket accepts a quoted place, no real shell executes the value that is put there,
 * however strange the command around it.
 * Method: commands are strung together at random from pieces that confuse parsers; those that are
 * accepted get values that write a file once a shell reads any of them as code, and are run by real
 * shells. The seed is fixed so that a run can be repeated; BLANKET_SEED and BLANKET_RUNS change it
 * (120,000 commands in bash and dash, 15,000 in zsh and ksh when the scanner was written).
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { array, constantFrom, record, sample } from "fast-check";
import { describe, expect, it } from "vitest";

import { parseTemplate, renderTemplate } from "../../src/core/task-type/template.ts";
import { installedShells } from "../support/shells.ts";

const place = "{{.X}}";
const pieces = [
  [place, place, place, place, "'", '"', "\\", "\n", " ", ";", "`", "#", " # ", "\t", "!", "~"],
  ["$(", ")", "(", "((", "))", "$((", "${a:-", "${#a}", "${a#", "${a/", "}", "{ ", "{a,", "$["],
  ["<<E\n", "\nE\n", "<<-'E'\n", '<<"E" ', "E", "\nE", "$(cat <<E\n", ")E", "E)", "<<<", "1<<2"],
  ["$'", "$", "$$", "$#", "\\$", "\\'", '\\"', "#'", "\\\n", "$\\\n", "<\\\n<E", "''", '""'],
  ["a", "a=", "a[", "]", "b=(", "@(", "=~ (", "[[ a = ", " ]]", "|", "&&", "<", ">f", ": "],
  ["echo ", "cat ", "case a in a) ", "esac", "if :; then ", " fi", "for i in ", "; do "],
  ["; done", "f() {"],
].flat();
const values = [
  ["';>OWNED;'", "$(>OWNED)", "`>OWNED`", '";>OWNED;"', "\n>OWNED\n", "\\';>OWNED;#"],
  ["a[$(>OWNED)]", ")\n>OWNED\n(", "\nE\n>OWNED\n", "'\"'\"';>OWNED;\"'\"", "}>OWNED;"],
  ["\n;>OWNED #\n", "') >OWNED; ('", "\\", "\\\n>OWNED\n", '"$(>OWNED)"', "'$(>OWNED)'"],
  ["'`>OWNED`'", ";>OWNED\n)\"'`}\n>OWNED\nE\n>OWNED\n"],
].flat();

interface Trial {
  readonly source: string;
  readonly value: string;
}

const trials = record({
  source: array(constantFrom(...pieces), { minLength: 2, maxLength: 12 }).map((p) => p.join("")),
  value: constantFrom(...values),
});

const seed = Number(process.env["BLANKET_SEED"] ?? 20_261_124);
const numRuns = Number(process.env["BLANKET_RUNS"] ?? 1_200);

/** Runs each command by a shell of its own in its own directory; gives those whose value ran. */
function executed(shell: string, commands: readonly string[]): number[] {
  const root = mkdtempSync(join(tmpdir(), "blanket-places-"));
  try {
    commands.forEach((command, index) => {
      mkdirSync(join(root, String(index)));
      writeFileSync(join(root, `${index}.sh`), command);
    });
    // One driver for all; the commands find no programs, so that they can do nothing but write.
    const driver = `for i in $(seq 0 ${commands.length - 1}); do
        (cd "$i" && ulimit -t 2 && command=$(cat "../$i.sh"; echo :) && shell=$(command -v ${shell}) &&
          PATH=/nonexistent exec "$shell" -c "$command" </dev/null >/dev/null 2>&1)
      done; true`;
    const run = spawnSync("bash", ["-c", driver], { cwd: root, stdio: "ignore", timeout: 600_000 });
    expect(run.status).toBe(0);
    return [...commands.keys()].filter((index) => existsSync(join(root, String(index), "OWNED")));
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

describe.each(installedShells())("accepted places in %s", (shell) => {
  it("are words to the shell, too", () => {
    const accepted = sample(trials, { seed, numRuns }).flatMap(({ source, value }: Trial) => {
      const reading = source.includes(place) ? parseTemplate(source, shell) : undefined;
      if (reading?.kind !== "template") return [];
      return [{ source, value, command: renderTemplate(reading.template, { X: value }) }];
    });
    const bad = executed(
      shell,
      accepted.map(({ command }) => command),
    ).map((index) => accepted[index]);
    expect(accepted.length).toBeGreaterThan(numRuns / 20);
    expect(bad, `seed ${seed}`).toEqual([]);
  });

  it("are watched by a trial that can fail", () => {
    const commands = values.map((value) => `a='x' echo "${value}" ${value}`);
    expect(executed(shell, commands).length).toBeGreaterThan(5);
  });
});
