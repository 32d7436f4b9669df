/** Time. In simulation it is virtual; the product never reads another clock. */
export interface Clock {
  /** Unix milliseconds of the wall clock: for people and for gates, never for order. */
  now(): number;
  /** Milliseconds that only grow, counting suspended time: for durations. */
  monotonic(): number;
  /** Calls `act` once after `delayMs`, unless the returned function is called before. */
  after(delayMs: number, act: () => void): () => void;
}
