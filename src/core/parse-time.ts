const rfc3339Pattern =
  /^(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?([Zz]|[+-]\d\d:\d\d)$/;
const secondsPattern = /^\d+(?:\.\d+)?$/;

/** Seconds past this are a mistake of units: as milliseconds they are about now. Year 5138. */
const secondsMax = 100_000_000_000;

/** How a time may be written, for sentences that refuse one. */
export const timeAdvice =
  "write RFC 3339 with a zone, such as 2026-11-24T10:00:00Z, or unix seconds";

/**
 * Unix milliseconds of a time as users write it in REST and on the command line: unix seconds as a
 * number or a text that is one, or RFC 3339 (seconds may be left out). Undefined for anything
 * else: a date that does not exist, no zone, or milliseconds in place of seconds.
 */
export function parseTime(given: string | number): number | undefined {
  if (typeof given === "number") return fromSeconds(given);
  const text = given.trim();
  return secondsPattern.test(text) ? fromSeconds(Number(text)) : fromRfc3339(text);
}

function fromSeconds(seconds: number): number | undefined {
  if (!(seconds >= 0 && seconds < secondsMax)) return undefined;
  return Math.round(seconds * 1_000);
}

function fromRfc3339(text: string): number | undefined {
  const match = rfc3339Pattern.exec(text);
  if (match === null) return undefined;
  const [, year, month, day, hour, minute, second, fraction, zone] = match;
  const clock = { hour: Number(hour), minute: Number(minute), second: Number(second ?? 0) };
  if (clock.hour > 23 || clock.minute > 59 || clock.second > 60) return undefined;
  const days = daysSince1970(Number(year), Number(month), Number(day));
  const offset = zoneMinutes(zone ?? "Z");
  if (days === undefined || offset === undefined) return undefined;
  const minutes = (days * 24 + clock.hour) * 60 + clock.minute - offset;
  const ms = Math.floor(Number(`0.${fraction ?? "0"}`) * 1_000);
  return (minutes * 60 + clock.second) * 1_000 + ms;
}

function zoneMinutes(zone: string): number | undefined {
  if (zone === "Z" || zone === "z") return 0;
  const hours = Number(zone.slice(1, 3));
  const minutes = Number(zone.slice(4, 6));
  if (hours > 23 || minutes > 59) return undefined;
  return (zone.startsWith("-") ? -1 : 1) * (hours * 60 + minutes);
}

const monthLengths = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/**
 * Days of the civil calendar (Howard Hinnant, `days_from_civil`, 2014); undefined for 30 February.
 */
function daysSince1970(year: number, month: number, day: number): number | undefined {
  const isLeap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  const length = month === 2 && isLeap ? 29 : monthLengths[month - 1];
  if (length === undefined || day < 1 || day > length) return undefined;
  const shiftedYear = month <= 2 ? year - 1 : year;
  const era = Math.floor(shiftedYear / 400);
  const yearOfEra = shiftedYear - era * 400;
  const dayOfYear = Math.floor((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5) + day - 1;
  const dayOfEra =
    yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * 146_097 + dayOfEra - 719_468;
}
