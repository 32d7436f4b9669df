/** A figure that DESIGN has a budget for, or that explains one. */
export interface Figure {
  /** How `--only` names it. */
  readonly id: string;
  /** What is measured, in words. */
  readonly title: string;
  measure(context: BenchContext): Promise<readonly Row[]>;
}

export interface BenchContext {
  /** Fewer tasks and rounds: to see that it works, not to compare. */
  readonly quick: boolean;
  /** What is going on, for who watches; never on stdout. */
  say(sentence: string): void;
}

/** One line of the table. */
export interface Row {
  readonly what: string;
  readonly value: number;
  readonly unit: "/s" | "ms" | "×" | "MB" | "%" | "s" | "";
  readonly budget?: Budget;
  readonly note?: string;
}

export type Budget = { readonly atLeast: number } | { readonly atMost: number };

/** `≥ 3`, as the table shows it. */
export function budgetText(budget: Budget): string {
  return "atLeast" in budget ? `≥ ${budget.atLeast}` : `≤ ${budget.atMost}`;
}

/** `met`, or by how much the budget is missed. */
export function verdict({ value, budget }: Row): string {
  if (budget === undefined) return "";
  const ratio = "atLeast" in budget ? value / budget.atLeast : budget.atMost / value;
  return ratio >= 1 ? "met" : `missed by ${Math.ceil((1 - ratio) * 100)} %`;
}
