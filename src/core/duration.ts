import { limits } from "./limits.ts";

const unitsMs = { d: 86_400_000, h: 3_600_000, m: 60_000, s: 1_000, ms: 1 } as const;
type Unit = keyof typeof unitsMs;

const part = (unit: Unit) => `(?:(\\d+(?:\\.\\d+)?)\\s*${unit}\\s*)?`;
const unitNames: readonly Unit[] = ["d", "h", "m", "s", "ms"];
const durationPattern = new RegExp(`^(?=\\d)${unitNames.map(part).join("")}$`);

/** How a duration may be written, for sentences that refuse one. */
export const durationAdvice = 'write seconds, or a text such as "90s", "10m", "1h30m" or "2d"';

/**
 * Milliseconds of a duration as users write it in TOML, REST and on the command line: a number, or
 * a text that is one, is seconds; otherwise parts with the units d, h, m, s and ms, greatest first,
 * each at most once. Undefined for anything else, and past `limits.durationMsMax`.
 */
export function parseDuration(given: string | number): number | undefined {
  const ms = typeof given === "number" ? given * unitsMs.s : textMs(given.trim());
  if (ms === undefined || !(ms >= 0 && ms <= limits.durationMsMax)) return undefined;
  return Math.round(ms);
}

function textMs(text: string): number | undefined {
  if (/^\d+(?:\.\d+)?$/.test(text)) return Number(text) * unitsMs.s;
  const counts = durationPattern.exec(text)?.slice(1);
  if (counts === undefined) return undefined;
  let ms = 0;
  for (const [index, unit] of unitNames.entries()) ms += Number(counts[index] ?? 0) * unitsMs[unit];
  return ms;
}

/**
 * A duration for people, at most two units and never rounded up: `40ms`, `0.2s`, `12s`, `1m 30s`,
 * `12m`, `1h 5m`, `2d 3h`. {@link parseDuration} reads it back.
 */
export function formatDuration(durationMs: number): string {
  const ms = Math.max(0, Math.floor(durationMs));
  if (ms === 0) return "0s";
  if (ms < 100) return `${ms}ms`;
  if (ms < 10 * unitsMs.s) return `${Math.floor(ms / 100) / 10}s`;
  if (ms < unitsMs.m) return `${Math.floor(ms / unitsMs.s)}s`;
  if (ms < 10 * unitsMs.m) return twoUnits(ms, "m", "s");
  if (ms < unitsMs.h) return `${Math.floor(ms / unitsMs.m)}m`;
  return ms < unitsMs.d ? twoUnits(ms, "h", "m") : twoUnits(ms, "d", "h");
}

function twoUnits(ms: number, large: Unit, small: Unit): string {
  const first = Math.floor(ms / unitsMs[large]);
  const second = Math.floor((ms % unitsMs[large]) / unitsMs[small]);
  return second === 0 ? `${first}${large}` : `${first}${large} ${second}${small}`;
}
