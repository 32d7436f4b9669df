import { boolean, string } from "@oclif/core/flags";
import type { BooleanFlag, OptionFlag } from "@oclif/core/interfaces";

import type { FlagRow, FlagTable } from "./flag-table.ts";

type OclifFlag<Kind extends FlagRow["kind"]> = Kind extends "switch"
  ? BooleanFlag<boolean>
  : Kind extends "text"
    ? OptionFlag<string | undefined>
    : OptionFlag<string[] | undefined>;

/** A table of flags as oclif wants them. */
export function oclifFlags<const T extends FlagTable>(
  table: T,
): { [Name in keyof T]: OclifFlag<T[Name]["kind"]> } {
  return Object.fromEntries(Object.entries(table).map(([name, row]) => [name, oclifFlag(row)])) as {
    [Name in keyof T]: OclifFlag<T[Name]["kind"]>;
  };
}

function oclifFlag({ kind, char, summary, value }: FlagRow) {
  const shown = {
    summary,
    ...(char === undefined ? {} : { char }),
    ...(value === undefined ? {} : { helpValue: value }),
  };
  switch (kind) {
    case "switch":
      return boolean(shown);
    case "text":
      return string(shown);
    case "texts":
      return string({ ...shown, multiple: true, multipleNonGreedy: true });
  }
}
