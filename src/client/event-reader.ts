/** One server-sent event. */
export interface ServerEvent {
  /** Empty where the event has no name. */
  readonly name: string;
  readonly data: string;
  /** The last id so far: what `Last-Event-ID` says to go on from here. */
  readonly id: string | undefined;
}

/**
 * The events of a stream, as the HTML standard has them parsed. An event that the stream breaks off
 * in is not delivered.
 *
 * @see https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream
 */
export async function* readEvents(chunks: AsyncIterable<string>): AsyncGenerator<ServerEvent> {
  let name = "";
  let data: string[] = [];
  let id: string | undefined;
  for await (const line of linesOf(chunks)) {
    if (line === "") {
      if (data.length > 0) yield { name, data: data.join("\n"), id };
      name = "";
      data = [];
      continue;
    }
    const { field, value } = splitField(line);
    if (field === "data") data.push(value);
    else if (field === "event") name = value;
    else if (field === "id" && !value.includes("\0")) id = value;
  }
}

/** A line that begins with a colon is a comment: a field without a name. */
function splitField(line: string): { readonly field: string; readonly value: string } {
  const colon = line.indexOf(":");
  if (colon < 0) return { field: line, value: "" };
  const from = line.charAt(colon + 1) === " " ? colon + 2 : colon + 1;
  return { field: line.slice(0, colon), value: line.slice(from) };
}

/** Lines end with LF, CR LF or CR; what follows the last end is no line. */
async function* linesOf(chunks: AsyncIterable<string>): AsyncGenerator<string> {
  let rest = "";
  for await (const chunk of chunks) {
    const text = rest + chunk;
    // A CR at the end may be half of a CR LF: it waits for the next chunk.
    const ends = /\r\n|\n|\r(?!$)/g;
    let from = 0;
    for (let end = ends.exec(text); end !== null; end = ends.exec(text)) {
      yield text.slice(from, end.index);
      from = ends.lastIndex;
    }
    rest = text.slice(from);
  }
}
