import { Type } from "typebox";

import { errorKinds, type ErrorCode } from "../../core/errors.ts";

/** Every error answer of every route (CONTRACT section 2). */
export const ErrorAnswer = Type.Object({
  error: Type.String({ description: "One sentence: what is wrong, and what to do next." }),
  code: Type.Enum(Object.keys(errorKinds) as ErrorCode[], {
    description: "For programs; never changes its meaning.",
  }),
  details: Type.Record(Type.String(), Type.Unknown(), {
    description: "Facts for programs, by code.",
  }),
});

/** `:id` of a path: a whole id, or any prefix of one that is unique. */
export const IdParams = Type.Object({
  id: Type.String({ description: "A whole id, or a prefix that no other has." }),
});

/** What a removal answers. */
export const IdAnswer = Type.Object({ id: Type.String() });

/** Unix seconds in answers; 0 where it has not happened. */
export const UnixSeconds = Type.Number({ description: "Unix seconds; 0 is never." });

/** Times in answers. */
export const Rfc3339 = Type.String({ description: "RFC 3339 in UTC.", format: "date-time" });

/** A time in a body or query. */
export const TimeText = Type.String({
  description: "RFC 3339 (2026-11-24T10:00:00Z), or unix seconds.",
});

/** A comma-separated list in a query. */
export const CommaList = Type.String({ description: "Texts with commas between them." });

/** A text answer that is not JSON. */
export function textAnswer(mediaType: string, description: string) {
  return Type.String({ description, contentMediaType: mediaType });
}
