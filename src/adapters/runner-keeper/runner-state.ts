import type { RunName } from "../../contract/line-fields.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Log } from "../../ports/log.ts";
import type { RunnerListener } from "../../ports/runner.ts";
import type { SaidLine } from "./conversation.ts";
import type { HeldRuns } from "./held-runs.ts";
import type { Inquiries } from "./inquiries.ts";
import type { KeeperLink } from "./keeper-link.ts";

/** What the parts of the runner share. */
export interface RunnerState {
  readonly clock: Clock;
  readonly log: Log;
  listener: RunnerListener;
  readonly held: HeldRuns;
  readonly inquiries: Inquiries;
  /** Said while there was no keeper. */
  acknowledged: RunName[];
  /** Told or answered as over, and not acknowledged yet. */
  readonly unsettled: Map<string, RunName>;
  /** Ends that this daemon does not know of are nobody's. */
  isRecovered: boolean;
  /** Absent while the runner is not started. */
  link: KeeperLink | undefined;
  isEnsuring: boolean;
  /** Keepers in a row that died at once. */
  hastyLosses: number;
  /** Facts that wait until those who asked have heard the answer before them. */
  inbox: SaidLine[] | undefined;
}
