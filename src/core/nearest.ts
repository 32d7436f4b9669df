/**
 * The candidate that `text` was probably meant to be: the least edit distance, two neighbours
 * swapped counting as one edit, at most a third of its length; undefined where none is that close.
 */
export function nearest(text: string, candidates: readonly string[]): string | undefined {
  let best: string | undefined;
  let least = Math.floor(Math.max(text.length, 3) / 3) + 1;
  for (const candidate of candidates) {
    const distance = editDistance(text.toLowerCase(), candidate.toLowerCase(), least);
    if (distance >= least) continue;
    least = distance;
    best = candidate;
  }
  return best;
}

/** Edit distance (optimal string alignment), or `bound` where it is at least that. */
function editDistance(a: string, b: string, bound: number): number {
  if (Math.abs(a.length - b.length) >= bound) return bound;
  let above = Array.from({ length: b.length + 1 }, (_, column) => column);
  let twoAbove: readonly number[] = [];
  for (let row = 1; row <= a.length; row += 1) {
    const line = [row];
    for (let column = 1; column <= b.length; column += 1) {
      const replaced = (above[column - 1] ?? 0) + (a[row - 1] === b[column - 1] ? 0 : 1);
      const isSwapped = a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      const swapped = isSwapped ? (twoAbove[column - 2] ?? bound) + 1 : bound;
      const inserted = (line[column - 1] ?? 0) + 1;
      line.push(Math.min(replaced, swapped, (above[column] ?? 0) + 1, inserted));
    }
    twoAbove = above;
    above = line;
  }
  return Math.min(above[b.length] ?? bound, bound);
}
