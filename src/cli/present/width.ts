const plain = /^[\x20-\x7e]*$/;
const control = /\p{Cc}/gu;
/** Combining marks and joiners stand on the character before them. */
const zeroWidth = /[\p{Mn}\p{Me}\p{Cf}]/u;
/** Blocks whose characters take two columns: CJK, Hangul, full-width forms, and emoji. */
const doubleWidth =
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{20000}-\u{3fffd}]|\p{Emoji_Presentation}/u;

/** Columns that a text takes in a terminal. */
export function displayWidth(text: string): number {
  if (plain.test(text)) return text.length;
  let width = 0;
  for (const character of text) width += characterWidth(character);
  return width;
}

/** A text in at most `width` columns; what is cut off leaves a `…`. */
export function fit(text: string, width: number): string {
  if (displayWidth(text) <= width) return text;
  let left = width - 1;
  let kept = "";
  for (const character of text) {
    left -= characterWidth(character);
    if (left < 0) break;
    kept += character;
  }
  return width <= 0 ? "" : `${kept.trimEnd()}…`;
}

/** Tasks write notes and names: what could move the cursor or colour the screen becomes a space. */
export function harmless(text: string): string {
  return plain.test(text) ? text : text.replaceAll(control, " ");
}

function characterWidth(character: string): number {
  if (zeroWidth.test(character)) return 0;
  return doubleWidth.test(character) ? 2 : 1;
}
