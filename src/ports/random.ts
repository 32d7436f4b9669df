/** Chance. In simulation it is seeded. */
export interface Random {
  /** Uniform in [0, 1). */
  float(): number;
  /** `length` unpredictable bytes. */
  bytes(length: number): Uint8Array;
}
