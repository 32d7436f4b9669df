/** A line of the log for people: `12:03:04 warn message key=value`, local time. */
export function textLine(json: string): string {
  const { time, level, message, ...fields } = JSON.parse(json) as Record<string, unknown>;
  const shown = Object.entries(fields).map(([name, value]) => `${plain(name)}=${valueText(value)}`);
  return `${[localTime(String(time)), String(level), plain(String(message)), ...shown].join(" ")}\n`;
}

function localTime(rfc3339: string): string {
  const date = new Date(rfc3339);
  return [date.getHours(), date.getMinutes(), date.getSeconds()]
    .map((part) => String(part).padStart(2, "0"))
    .join(":");
}

/** An error is its sentence: code, stack and causes are for the JSON form. */
function valueText(value: unknown): string {
  if (typeof value === "object" && value !== null && "message" in value) {
    return quoted(String(value.message));
  }
  if (typeof value !== "string") return plain(JSON.stringify(value) ?? "undefined");
  return /^[^\s"=]+$/.test(value) ? plain(value) : quoted(value);
}

function quoted(text: string): string {
  return plain(JSON.stringify(text));
}

/** Whatever a terminal might obey is written out: names and values come from users. */
function plain(text: string): string {
  return text.replace(
    /[\p{Cc}\p{Bidi_Control}\u2028\u2029]/gu,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
