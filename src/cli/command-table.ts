import type { Command } from "@oclif/core/command";
import type { Config } from "@oclif/core/config";

type CommandClass = typeof Command & (new (argv: string[], config: Config) => Command);

/** Every command, loaded when it is run. */
export const commands: Readonly<Record<string, () => Promise<CommandClass>>> = {
  cancel: async () => (await import("./commands/cancel.ts")).Cancel,
  logs: async () => (await import("./commands/logs.ts")).Logs,
  ls: async () => (await import("./commands/ls.ts")).Ls,
  node: async () => (await import("./commands/node.ts")).Node,
  pause: async () => (await import("./commands/pause.ts")).Pause,
  ps: async () => (await import("./commands/ps.ts")).Ps,
  resume: async () => (await import("./commands/resume.ts")).Resume,
  retry: async () => (await import("./commands/retry.ts")).Retry,
  rm: async () => (await import("./commands/rm.ts")).Rm,
  run: async () => (await import("./commands/run.ts")).Run,
  show: async () => (await import("./commands/show.ts")).Show,
  submit: async () => (await import("./commands/submit.ts")).Submit,
  validate: async () => (await import("./commands/validate.ts")).Validate,
  version: async () => (await import("./commands/version.ts")).Version,
  wait: async () => (await import("./commands/wait.ts")).Wait,
  worker: async () => (await import("./commands/worker.ts")).Worker,
};

/** Other names: those of the original Blanket. */
export const aliases: Readonly<Record<string, string>> = { "task-validate": "validate" };
