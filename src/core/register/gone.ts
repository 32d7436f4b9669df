/**
 * The numbers of one origin that were collected here, exactly: for each boot a sorted list of
 * disjoint closed intervals [from, to] of `seq`. A mere maximum would bar late voters from older
 * open tasks (PROTOCOL F35).
 */
export type GoneIntervals = Readonly<
  Record<number, readonly (readonly [from: number, to: number])[]>
>;
