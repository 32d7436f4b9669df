/**
 * Goal: a value enters a command only as one shell word, and whatever else stands in double braces
 * is either the author's own text or refused with its place.
 * Method: tables of commands. That shells agree is the business of test/property.
 */
import { describe, expect, it } from "vitest";

import {
  parseTemplate,
  quoteWord,
  renderTemplate,
  templateNames,
  type Template,
} from "../../../../src/core/task-type/template.ts";

function templateOf(source: string, executor = "bash"): Template {
  const reading = parseTemplate(source, executor);
  if (reading.kind === "problems") throw new Error(reading.problems[0]?.message);
  return reading.template;
}

function firstProblem(source: string, executor = "bash"): string {
  const reading = parseTemplate(source, executor);
  return reading.kind === "problems" ? (reading.problems[0]?.message ?? "") : "";
}

describe("renderTemplate", () => {
  it("inserts values as single words", () => {
    const template = templateOf("cp {{.FROM}} {{ .TO }}/x");
    const environment = { FROM: "it's here", TO: "$(rm)" };
    expect(renderTemplate(template, environment)).toBe(`cp 'it'\\''s here' '$(rm)'/x`);
  });

  it("inserts raw values as they are, inside quotes too", () => {
    const template = templateOf(`bash -c "{{.A | raw}}" {{.A|raw}} {{\n.A\n|\nraw\n}}`);
    expect(renderTemplate(template, { A: "$x" })).toBe(`bash -c "$x" $x $x`);
  });

  it("does not read values as templates", () => {
    const template = templateOf("echo {{.A}}{{.B | raw}}");
    expect(renderTemplate(template, { A: "{{.B}}", B: "{{.A}}" })).toBe("echo '{{.B}}'{{.A}}");
  });

  it("makes an empty value an empty word", () => {
    expect(renderTemplate(templateOf("echo {{.A}}"), { A: "" })).toBe("echo ''");
  });

  it("knows only the environment's own names", () => {
    for (const name of ["toString", "constructor", "__proto__", "MISSING"]) {
      expect(() => renderTemplate(templateOf(`echo {{.${name}}}`), {})).toThrowError(
        expect.objectContaining({ code: "VARIABLE_MISSING", details: { name } }),
      );
    }
    const environment = Object.fromEntries([["__proto__", "mine"]]);
    expect(renderTemplate(templateOf("echo {{.__proto__}}"), environment)).toBe("echo 'mine'");
  });

  it("names what it needs once each, in order", () => {
    expect(templateNames(templateOf("{{.B}} {{.A | raw}} {{.B}}"))).toEqual(["B", "A"]);
  });
});

describe("quoteWord", () => {
  it("leaves nothing special but the quote itself", () => {
    expect(quoteWord("a'b''c")).toBe(`'a'\\''b'\\'''\\''c'`);
  });
});

describe("text in double braces", () => {
  it.each([
    "echo ${x} ${#x} ${x:-{{}}}",
    "awk '{{print $1}}'",
    "echo {{a,b},c}",
    "echo {{1..3},x}",
    `python3 -c 'print({"a": {"b": {}}})'`,
    `python3 -c 'print(f"{{{1 + 1}}}")'`,
    `echo '{"a":{"b":1}}'`,
    "echo }} {{",
    "awk '{{ x = $2 }}'",
  ])("stays where it looks like the author's own: %s", (source) => {
    expect(renderTemplate(templateOf(source), {})).toBe(source);
  });

  it.each([
    "{{if .A}}x{{end}}",
    "{{ range .A }}",
    "{{- .A -}}",
    "{{.A.B}}",
    "{{.A | printf}}",
    '{{printf "%s" .A}}',
    "{{print .A}}",
    "{{$x := .A}}",
    "{{ . }}",
    "{{A}}",
    "{{ A | raw }}",
    "{{.A-B}}",
    "{{.1A}}",
    "{{/* comment */}}",
    '{{"text"}}',
    "{{{.A}}}",
    "${{ secrets.TOKEN }}",
    "{{.A",
    "{{.A}",
    "{{ .A \n",
  ])("is refused where it looks like an action: %s", (source) => {
    expect(parseTemplate(`echo ${source}`, "bash").kind).toBe("problems");
  });

  it("can be written with the escape that Go templates have", () => {
    const source = `docker ps --format '{{"{{"}}.Names}}'`;
    expect(renderTemplate(templateOf(source), {})).toBe("docker ps --format '{{.Names}}'");
    expect(firstProblem("docker ps --format '{{.Names}}'")).toContain('write {{"{{"}}.Names}}');
  });

  it("is refused with line and column, every fault at once, in order", () => {
    const reading = parseTemplate(`echo {{if}}\n  echo "{{.A}}"\necho '{{.B}}' {{.C`, "bash");
    const places = reading.kind === "problems" ? reading.problems : [];
    expect(places.map(({ line, column }) => [line, column])).toEqual([
      [1, 6],
      [2, 9],
      [3, 7],
      [3, 15],
    ]);
  });

  it("never holds a NUL byte", () => {
    expect(parseTemplate("echo \n a\0", "bash")).toEqual({
      kind: "problems",
      problems: [{ message: expect.stringContaining("NUL"), line: 2, column: 3 }],
    });
  });
});

describe("a quoted place", () => {
  it.each([
    "echo {{.A}}",
    "{{.A}}",
    "x={{.A}} y=$x{{.A}}z",
    "echo a{{.A}}b{{.A}} >{{.A}} <{{.A}} 2>&1",
    "cat <<<{{.A}}",
    "echo \"$x\" {{.A}} 'y' {{.A}}",
    'echo "$(echo "nested \\" quote" `date`)" {{.A}}',
    "echo $(cat {{.A}}) {{.A}}",
    "echo $(cat $(ls {{.A}})) {{.A}}",
    "(cd {{.A}} && ls)",
    "f() { rm -- {{.A}}; }",
    "if [ -e {{.A}} ]; then echo; fi; [[ $x == {{.A}} ]]",
    "case {{.A}} in {{.A}}) echo {{.A}};; esac; echo {{.A}}",
    "# don't\necho {{.A}} # it's\necho {{.A}}",
    "echo a#b 'x' {{.A}}",
    "echo $# {{.A}} ${#x} {{.A}} $$ {{.A}}",
    "cat <<EOF\nit's \"\nEOF\necho {{.A}}",
    "cat <<-'EOF' {{.A}}\n\tit's $(\n\tEOF\necho {{.A}}",
    'cat <<"A" <<\\B\n\'\nA\n"\nB\necho {{.A}}',
    "echo $'it\\'s' {{.A}}",
    "echo $((1 << 2)) {{.A}}; ((x = 1)); echo {{.A}}",
    'echo "${x:-"a b"}" ${y%\'}\'} {{.A}}',
    "echo \\' {{.A}} \\\\{{.A}} \\${{.A}}",
    "echo one \\\n  {{.A}}",
    "list=(a {{.A}} # it's\n b)\necho {{.A}}",
    "for f in {{.A}} *; do echo $f; done",
    "diff <(sort {{.A}}) <(sort b) | tee >(cat) {{.A}}",
    "echo {a,{{.A}}}",
    "a[1]={{.A}}; echo [{{.A}}]",
  ])("is accepted where the shell reads a word: %s", (source) => {
    expect(firstProblem(source)).toBe("");
  });

  it.each([
    ["echo '{{.A}}'", "inside single quotes"],
    ["echo $'{{.A}}'", "inside single quotes"],
    ["echo 'open {{.A}}", "inside single quotes"],
    ['echo "{{.A}}"', "inside double quotes"],
    ['echo "$(cat {{.A}})"', "inside double quotes"],
    ['echo "a" "$x\\"{{.A}}"', "inside double quotes"],
    ["echo `cat {{.A}}`", "inside backticks"],
    ['echo "`cat {{.A}}`"', "inside backticks"],
    ["cat <<EOF\n{{.A}}\nEOF", "inside a here-document"],
    ["cat <<'EOF'\n{{.A}}\nEOF", "inside a here-document"],
    ["cat <<EOF\nEOF \n{{.A}}\n", "inside a here-document"],
    ["cat <<-EOF\n\t{{.A}}\n\tEOF\n", "inside a here-document"],
    ["echo # {{.A}}", "inside a comment"],
    ["#!/bin/bash {{.A}}", "inside a comment"],
    ["echo ${x:-{{.A}}}", "inside ${…}"],
    ["echo ${x:-$(cat {{.A}})}", "inside ${…}"],
    ["echo $(({{.A}} + 1))", "inside ((…))"],
    ["(({{.A}} > 3))", "inside ((…))"],
    ["((echo {{.A}}); ls)", "inside ((…))"],
    ["a[{{.A}}]=1", "inside a subscript"],
    ["echo \\{{.A}}", "right after a backslash"],
    ["echo ${{.A}}", "right after a $"],
    ["echo $${{.A}}", "right after a $"],
    ["cat <<{{.A}}\nx\n", "shells read in different ways"],
  ])("is refused in %j: %s", (source, where) => {
    const message = firstProblem(source);
    expect(message).toContain(`{{.A}} stands `);
    expect(message).toContain(where);
    expect(message).toContain("write $A, or {{.A | raw}}");
  });

  it.each([
    ["bash", "echo $[1+1] {{.A}}"],
    ["bash", 'echo "$(case x in x) echo;; esac)" {{.A}}'],
    ["bash", "echo \"${x#'}'}\" {{.A}}"],
    ["bash", "cat <<E\n$(echo\nE\n)\nE\necho {{.A}}"],
    ["bash", "cat <<E\nx\\\nE\necho {{.A}}\nE\necho {{.A}}"],
    ["bash", '[[ $x =~ (#) ]] && echo "\n{{.A}}"'],
    ["bash", 'a[ # "]=1\necho {{.A}}"'],
    ["bash", "b=(a; {{.A}}"],
    ["bash", "echo ${ echo; } {{.A}}"],
    ["bash", "echo $\\\n(ls) {{.A}}"],
    ["zsh", 'echo ${(s:":)x} {{.A}} "'],
    ["sh", "echo $'it\\'s' {{.A}} '"],
    ["dash", "echo $'it\\'s' {{.A}} '"],
  ])("is refused after what shells may read otherwise: %s, %j", (executor, source) => {
    expect(parseTemplate(source, executor).kind).toBe("problems");
  });

  it("is known for five shells, with or without a directory", () => {
    for (const executor of ["sh", "bash", "dash", "ksh", "zsh", "/usr/local/bin/bash"]) {
      expect(firstProblem("echo {{.A}}", executor)).toBe("");
    }
  });

  it.each(["python3", "node", "fish", "cmd", "powershell", "bashful", "my-sh"])(
    "is refused for %s, where raw is not",
    (executor) => {
      expect(firstProblem("print({{.A}})", executor)).toContain("{{.A | raw}}");
      expect(firstProblem("print({{.A | raw}}) '", executor)).toBe("");
    },
  );
});
