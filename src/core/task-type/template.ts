/** A piece of a command: text as written, or a place for a variable's value. */
export type TemplatePart =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "variable"; readonly name: string; readonly raw: boolean };

/** A parsed command. */
export interface Template {
  readonly source: string;
  readonly parts: readonly TemplatePart[];
}
