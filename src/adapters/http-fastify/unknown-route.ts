import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";

import { BlanketError } from "../../core/errors.ts";

/** The methods that each served path takes, for those who ask with another. */
export interface ServedPaths {
  methodsOf(url: string): readonly string[];
}

/** Collects every route as it is added; the router itself can't be asked by path alone. */
export function collectPaths(app: FastifyInstance): ServedPaths {
  const served: { readonly pattern: RegExp; readonly methods: readonly string[] }[] = [];
  app.addHook("onRoute", ({ url, method }) => {
    const source = url
      .replaceAll(/[.+?^${}()|[\]\\]/g, String.raw`\$&`)
      .replaceAll(/:\w+/g, "[^/]+")
      .replace("*", ".*")
      .replace(/\/$/, "");
    const methods = Array.isArray(method) ? method : [method];
    served.push({ pattern: new RegExp(`^${source}/?$`), methods });
  });
  return {
    methodsOf(url) {
      const path = url.split("?", 1)[0] ?? "";
      const found = served.filter(({ pattern }) => pattern.test(path));
      return [...new Set(found.flatMap(({ methods }) => methods))].toSorted();
    },
  };
}

/**
 * Answers what no route takes. OPTIONS says which methods a path has and nothing more: there is no
 * CORS here, so a preflight finds no permission.
 */
export function answerUnknownRoutes(app: FastifyInstance, paths: ServedPaths): void {
  app.setNotFoundHandler((request: FastifyRequest, reply: FastifyReply) => {
    const { method, url } = request;
    const methods = paths.methodsOf(url);
    if (methods.length > 0) reply.header("allow", methods.join(", "));
    if (method === "OPTIONS" && methods.length > 0) return reply.code(204).send();
    const named = `${method} ${url.split("?", 1)[0]?.slice(0, 200) ?? ""}`;
    const sentence =
      methods.length > 0
        ? `there is no route ${named}; this path takes ${methods.join(", ")}.`
        : `there is no route ${named}; docs/rest.md lists those there are.`;
    throw new BlanketError("ROUTE_UNKNOWN", sentence, { allow: methods });
  });
}
