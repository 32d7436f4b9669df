import { defaultUrl } from "../../client/base-url.ts";
import type { NodeGreeting } from "../../contract/config.ts";
import { countText } from "./count.ts";
import type { Screen } from "./table.ts";
import { fit } from "./width.ts";

/** What a node says when it serves: only what is so. Tags give way to a narrow terminal. */
export function renderGreeting(greeting: NodeGreeting, { columns }: Screen): string {
  const { name, version, url, brokenTaskTypes, resumed } = greeting;
  const lines = [
    `blanket ${version} · node ${name}`,
    `REST   ${url}`,
    fit(`runs   ${runsText(greeting)}`, columns ?? Infinity),
  ];
  if (brokenTaskTypes.length > 0) {
    const verb = brokenTaskTypes.length === 1 ? "does" : "do";
    const names = brokenTaskTypes.join(", ");
    lines.push(`broken ${names} ${verb} not load (blanket validate${where(url)})`);
  }
  if (resumed.running + resumed.waiting > 0) {
    lines.push(
      `found  ${countText(resumed.running)} running and ${countText(resumed.waiting)} waiting from before`,
    );
  }
  lines.push(`Try it in another terminal: blanket run${where(url)} --follow -- echo hello`);
  return lines.map((line) => `${line}\n`).join("");
}

function runsText({ slots, tags, taskTypes }: NodeGreeting): string {
  const types = `${taskTypes} task ${taskTypes === 1 ? "type" : "types"}`;
  if (slots === 0) return `nothing (0 slots) · ${types}`;
  return `${slots} ${slots === 1 ? "slot" : "slots"} · ${types} · tags ${tags.join(" ")}`;
}

/** What commands need to find this node. */
function where(url: string): string {
  return url === defaultUrl ? "" : ` -u ${url}`;
}

/** What Ctrl-C leaves behind. */
export function renderFarewell(running: number, stopTasks: boolean): string {
  if (running === 0) return "The node stops. No task is running.";
  const tasks = running === 1 ? "1 task" : `${countText(running)} tasks`;
  if (stopTasks) return `The node stops and ends ${tasks}. Ctrl-C again does not wait for that.`;
  const [go, their, them] = running === 1 ? ["goes", "its", "it"] : ["go", "their", "them"];
  return `The node stops; ${tasks} ${go} on running, and the next \`blanket node\` here learns ${their} end. To end ${them}: start it again and \`blanket cancel all\`, or stop a node that was started with --stop-tasks.`;
}
