/** Digits that people are shown of an id. */
const digitsMin = 8;

/** The first 8 digits of an id alone. */
export function shortId(id: string): string {
  return id.slice(0, digitsMin);
}

/** A shortener for ids that are shown together: as many digits as make each of them unique. */
export function shortIds(ids: readonly string[]): (id: string) => string {
  const sorted = [...new Set(ids)].toSorted();
  let digits = digitsMin;
  for (const [index, id] of sorted.entries()) {
    digits = Math.max(digits, commonDigits(id, sorted[index + 1] ?? "") + 1);
  }
  // The dash is no digit of its own: an id that would end with one takes the next digit too.
  return (id) => (id.charAt(digits - 1) === "-" ? id.slice(0, digits + 1) : id.slice(0, digits));
}

function commonDigits(a: string, b: string): number {
  let count = 0;
  while (count < a.length && a.charAt(count) === b.charAt(count)) count += 1;
  return count;
}
