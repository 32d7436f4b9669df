/** A member of the cluster as the node that is asked sees it. */
export interface ShownNode {
  /** Peer id. */
  readonly id: string;
  readonly name: string;
  readonly state: "alive" | "suspect" | "dead" | "left";
  readonly syncing: boolean;
  readonly cordoned: boolean;
  readonly lag: number;
  readonly rttMs: number | null;
  readonly tags: readonly string[];
  /** Workers that take tasks, and how many of them are free. */
  readonly slots: { readonly total: number; readonly free: number };
  readonly addresses: readonly string[];
  readonly version: string;
  /** Starts of this node so far. */
  readonly boot: number;
  /** RFC 3339. */
  readonly lastSeenAt: string;
  /** Load averages of 1, 5 and 15 minutes. */
  readonly load: readonly number[];
  readonly disk: { readonly freeBytes: number; readonly totalBytes: number };
}
