import type { KeeperLine } from "../contract/keeper-lines.ts";
import type { Ender } from "./ender.ts";
import type { Forgotten } from "./forgotten.ts";
import type { Journal } from "./journal.ts";
import type { RunTable } from "./run-table.ts";
import type { Run } from "./run.ts";
import type { Spawner } from "./spawner.ts";

/** What the parts of a keeper share. */
export interface KeeperState {
  readonly table: RunTable;
  readonly forgotten: Forgotten;
  readonly spawner: Spawner;
  readonly journal: Journal;
  readonly ender: Ender;
  /** A text that nobody can guess, another one each time. */
  readonly nonce: () => string;
  /** Tells the daemon with the next turn; where there is none it will ask. */
  readonly tell: (line: KeeperLine) => void;
  /** Writes and tells what has come about. */
  readonly turn: () => void;
  /** Ends it when its time is over, daemon or not. */
  readonly limitTime: (run: Run, leftMs: number) => void;
  /** Tells of a started run after a moment: one that ends within it is told of once. */
  readonly introduceSoon: (run: Run) => void;
}
