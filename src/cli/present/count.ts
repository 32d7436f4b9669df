/**
 * A count as people read it: `1,204`. Not by `toLocaleString`, which loads the tables of all
 * locales.
 */
export function countText(count: number): string {
  return String(count).replaceAll(/\B(?=(?:\d{3})+$)/g, ",");
}
