import { join } from "node:path";

import { SyntaxKind } from "typescript/unstable/ast";
import { API } from "typescript/unstable/sync";

/**
 * How many declarations the files export, and those without TSDoc, as `file: first line`. Asks the
 * compiler itself: its API is marked unstable, which an exact pin and the caller's count make safe.
 */
export function undocumentedExports(
  checkout: string,
  files: readonly string[],
): { readonly exports: number; readonly undocumented: readonly string[] } {
  const api = new API({ cwd: checkout });
  try {
    const openProject = join(checkout, "tsconfig.json");
    const project = api.updateSnapshot({ openProject }).getProjects()[0];
    const exported = files.flatMap((file) =>
      (project?.program.getSourceFile(join(checkout, file))?.statements ?? [])
        .filter((statement) => statement.kind !== SyntaxKind.ExportDeclaration)
        .map((statement) => ({ file, line: statement.getText().split("\n")[0] ?? "", statement }))
        .filter(({ line }) => line.startsWith("export ")),
    );
    return {
      exports: exported.length,
      undocumented: exported
        .filter(({ statement }) => (statement.jsDoc ?? []).length === 0)
        .map(({ file, line }) => `${file}: ${line}`),
    };
  } finally {
    api.close();
  }
}
