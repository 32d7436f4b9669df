/**
 * A total order over plain data (JSON values, with absent members): zero exactly where two values
 * say the same, whatever the order of their members. Means nothing; it is there so that all nodes
 * choose alike where two facts exclude each other, and to tell equal values.
 */
export function compareData(a: unknown, b: unknown): number {
  if (a === b) return 0;
  const byKind = kindRank(a) - kindRank(b);
  if (byKind !== 0) return byKind;
  if (Array.isArray(a) && Array.isArray(b)) return compareLists(a, b);
  if (isObject(a) && isObject(b)) return compareLists(members(a), members(b));
  if (isScalar(a) && isScalar(b)) return compareScalars(a, b);
  return 0;
}

/** Whether two pieces of plain data say the same. */
export function sameData(a: unknown, b: unknown): boolean {
  return compareData(a, b) === 0;
}

function compareLists(a: readonly unknown[], b: readonly unknown[]): number {
  for (const [index, left] of a.entries()) {
    if (index >= b.length) return 1;
    const order = compareData(left, b[index]);
    if (order !== 0) return order;
  }
  return a.length - b.length;
}

function compareScalars(a: string | number | boolean, b: string | number | boolean): number {
  if (a < b) return -1;
  return a > b ? 1 : 0;
}

/** Members that are there, as a flat list of name and value in the order of the names. */
function members(value: object): readonly unknown[] {
  return Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .toSorted(([left], [right]) => compareScalars(left, right))
    .flat();
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

function isScalar(value: unknown): value is string | number | boolean {
  return typeof value === "string" || typeof value === "number" || typeof value === "boolean";
}

/** Values of different kinds in one order; NaN, which no number compares to, has its own rank. */
function kindRank(value: unknown): number {
  if (value === undefined) return 0;
  if (value === null) return 1;
  if (typeof value === "boolean") return 2;
  if (typeof value === "number") return Number.isNaN(value) ? 3 : 4;
  if (typeof value === "string") return 5;
  return Array.isArray(value) ? 6 : 7;
}
