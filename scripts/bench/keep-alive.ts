import { Agent, request } from "node:http";

/** One kept connection to a node; `fetch` would add its own milliseconds to what is measured. */
export interface Connection {
  /** The answer's body; rejects unless the status is one of success. */
  ask(method: string, path: string, body?: string): Promise<Buffer>;
  close(): void;
}

/** Connects with the first question. */
export function connect(url: string): Connection {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  return {
    ask: (method, path, body) =>
      new Promise((resolve, reject) => {
        const asked = request(url + path, { method, agent }, (answer) => {
          const chunks: Buffer[] = [];
          answer.on("data", (chunk: Buffer) => chunks.push(chunk));
          answer.once("error", reject);
          answer.once("end", () => {
            const content = Buffer.concat(chunks);
            const status = answer.statusCode ?? 0;
            if (status >= 200 && status < 300) resolve(content);
            else reject(new Error(`${method} ${path}: ${status} ${content.toString("utf8")}`));
          });
        });
        asked.once("error", reject);
        asked.end(body);
      }),
    close: () => agent.destroy(),
  };
}
