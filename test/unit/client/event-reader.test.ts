/**
 * Goal: server-sent events are read as the HTML standard says, however the bytes are cut.
 * Method: texts against what they mean; a property cuts a stream anywhere and wants the same
 * events.
 */
import { Readable } from "node:stream";

import fc from "fast-check";
import { expect, test } from "vitest";

import { readEvents, type ServerEvent } from "../../../src/client/event-reader.ts";

async function eventsOf(...chunks: string[]): Promise<readonly ServerEvent[]> {
  const events: ServerEvent[] = [];
  for await (const event of readEvents(Readable.from(chunks))) events.push(event);
  return events;
}

test("names, ids and data of several lines are put together", async () => {
  expect(
    await eventsOf(
      ":comment\nevent: stderr\nid: 1-2\ndata: one\ndata:two\ndata\n\ndata:  three\n\n",
      "event: none\n\ndata: cut off",
    ),
  ).toEqual([
    { name: "stderr", id: "1-2", data: "one\ntwo\n" },
    { name: "", id: "1-2", data: " three" },
  ]);
});

test("lines end with LF, CR LF or CR", async () => {
  expect(await eventsOf("data: a\r\n\r\n", "data: b\r", "\r", "data: c\n\n")).toEqual([
    { name: "", id: undefined, data: "a" },
    { name: "", id: undefined, data: "b" },
    { name: "", id: undefined, data: "c" },
  ]);
});

test("an id with a NUL is no id", async () => {
  expect(await eventsOf("id: a\0b\ndata: x\n\n")).toEqual([{ name: "", id: undefined, data: "x" }]);
});

test("the cut of a stream does not matter", async () => {
  const text =
    "event: stdout\r\nid: 7\r\ndata: line\r\n\r\n:\n\ndata: ä\ndata: \n\nevent: end\ndata: {}\n\n";
  const whole = await eventsOf(text);
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat(text.length), { maxLength: 8 }), async (cuts) => {
      const places = [0, ...cuts.toSorted((a, b) => a - b), text.length];
      const chunks = places.slice(1).map((end, index) => text.slice(places[index], end));
      expect(await eventsOf(...chunks)).toEqual(whole);
    }),
    { numRuns: 200 },
  );
});
