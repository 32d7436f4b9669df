/** Feeds text that arrives in pieces to `onLine`, one whole line at a time. */
export type LineSplitter = (piece: string) => void;

/**
 * Cuts a stream of text at its newlines. Once a line is longer than `charactersMax`, `onTooLong` is
 * called once and the rest of the stream is ignored: where the next line begins is not known.
 */
export function createLineSplitter(
  onLine: (line: string) => void,
  onTooLong: () => void,
  charactersMax: number,
): LineSplitter {
  let carry = "";
  let isBroken = false;

  function giveUp(): void {
    carry = "";
    isBroken = true;
    onTooLong();
  }

  return (piece) => {
    let start = 0;
    let end = piece.indexOf("\n");
    while (end >= 0 && !isBroken) {
      const line = carry + piece.slice(start, end);
      carry = "";
      if (line.length > charactersMax) return giveUp();
      if (line !== "") onLine(line);
      start = end + 1;
      end = piece.indexOf("\n", start);
    }
    if (isBroken) return;
    carry += piece.slice(start);
    if (carry.length > charactersMax) giveUp();
  };
}
