import { launcher, withNode } from "./bench-node.ts";
import { run, timed } from "./command.ts";
import type { Figure } from "./figure.ts";
import { median } from "./statistics.ts";
import { submitMany, untilSucceeded } from "./submit-many.ts";

/** The command that people type most, beside the least that a program on this Node can take. */
export const psStart: Figure = {
  id: "ps",
  title: "blanket ps, with 20 tasks, beside node -e 0",
  measure: ({ quick }) =>
    withNode(2, async (node) => {
      await submitMany(node, 20, 2);
      await untilSucceeded(node, 20);
      const ps: number[] = [];
      const bare: number[] = [];
      for (let round = 0; round < (quick ? 5 : 40); round += 1) {
        bare.push(await timed(() => run(process.execPath, ["-e", "0"])));
        ps.push(await timed(() => run(launcher, ["ps", "-u", node.url])));
      }
      return [
        { what: "node -e 0", value: median(bare), unit: "ms" },
        { what: "blanket ps", value: median(ps), unit: "ms" },
        {
          what: "blanket ps : node",
          value: median(ps) / median(bare),
          unit: "×",
          budget: { atMost: 1.45 },
        },
      ];
    }),
};
