import autocannon from "autocannon";

import { withNode } from "./bench-node.ts";
import type { Figure } from "./figure.ts";
import { noopBody } from "./submit-many.ts";

/** How fast a node promises: it has no slots, so that nothing but accepting happens. */
export const accepted: Figure = {
  id: "accepted",
  title: "accepted submissions (201, synced), 50 connections, no slots",
  measure: ({ quick }) =>
    withNode(0, async ({ url }) => {
      const load = {
        url: `${url}/task/`,
        method: "POST",
        body: noopBody,
        connections: 50,
      } as const;
      await autocannon({ ...load, duration: 1 });
      const result = await autocannon({ ...load, duration: quick ? 2 : 10 });
      if (result.non2xx > 0 || result.errors > 0) {
        throw new Error(`${result.non2xx + result.errors} submissions were refused.`);
      }
      return [
        {
          what: "submissions",
          value: Math.round(result["2xx"] / result.duration),
          unit: "/s",
          budget: { atLeast: 2_000 },
        },
        { what: "answered p50", value: result.latency.p50, unit: "ms" },
        { what: "answered p99", value: result.latency.p99, unit: "ms" },
      ];
    }),
};
