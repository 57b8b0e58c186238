/**
 * One line of a terminal that is drawn anew while something goes on.
 *
 * @module
 */

export interface DrawnLine {
  /** Cut to the width of the terminal. */
  draw(text: string): void;
  clear(): void;
}

const CLEAR_LINE = "\r\u001B[2K";

export function drawnLine(stream: NodeJS.WriteStream): DrawnLine {
  let shown = false;
  return {
    draw(text) {
      stream.write(`${CLEAR_LINE}${text.slice(0, (stream.columns || 80) - 1)}`);
      shown = true;
    },
    clear() {
      if (shown) stream.write(CLEAR_LINE);
      shown = false;
    },
  };
}
