import { paint, type Colour } from "./colour.ts";
import { displayWidth, fit, harmless } from "./width.ts";

/** What a line is made for. */
export interface Screen {
  /** Columns of the terminal; undefined where output is piped, and lines may be of any length. */
  readonly columns: number | undefined;
  readonly colour: boolean;
}

/** A text in a table. Colour says again what the text says. */
export interface Cell {
  readonly text: string;
  readonly colour?: Colour | undefined;
}

const gap = "  ";

/**
 * Lines of a table, each with its end. Where it gets too wide for the terminal, the last column
 * gives way.
 */
export function renderTable(
  headings: readonly string[],
  rows: readonly (readonly (Cell | string)[])[],
  screen: Screen,
): string {
  const cells = [headings, ...rows].map((row) => row.map(toCell));
  const widths = headings.map((_heading, column) =>
    cells.reduce((most, row) => Math.max(most, displayWidth(row[column]?.text ?? "")), 0),
  );
  return cells.map((row) => `${renderRow(row, widths, screen)}\n`).join("");
}

function toCell(cell: Cell | string): Cell {
  return typeof cell === "string"
    ? { text: harmless(cell) }
    : { text: harmless(cell.text), colour: cell.colour };
}

function renderRow(row: readonly Cell[], widths: readonly number[], screen: Screen): string {
  const last = widths.length - 1;
  const used = widths.slice(0, last).reduce((sum, width) => sum + width + gap.length, 0);
  const left = Math.max((screen.columns ?? Infinity) - used, 0);
  const texts = row.map((cell, column) => {
    const text = column === last ? fit(cell.text, left) : cell.text;
    const padding = " ".repeat(Math.max((widths[column] ?? 0) - displayWidth(text), 0));
    return paint(text, cell.colour, screen.colour) + (column === last ? "" : padding);
  });
  return texts.join(gap).trimEnd();
}
