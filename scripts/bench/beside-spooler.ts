import { inDirectory, startNode, type BenchNode } from "./bench-node.ts";
import { startTaskSpooler, type TaskSpooler } from "./task-spooler.ts";

/** Measures a node with two slots beside task-spooler with two, where that is installed. */
export function besideSpooler<T>(
  measure: (node: BenchNode, spooler: TaskSpooler | undefined) => Promise<T>,
): Promise<T> {
  return inDirectory(async (directory) => {
    const node = await startNode(directory, 2);
    const spooler = await startTaskSpooler(directory);
    try {
      return await measure(node, spooler);
    } finally {
      await spooler?.stop();
      await node.stop();
    }
  });
}
