/**
 * The end of a terminal where some lines are drawn anew while others are left behind above them.
 *
 * Owns: where the cursor stands. Does not own: what the lines say, or the line that a person types at below them
 * (repl/prompt-line.ts), which steps aside while something is drawn.
 *
 *  BD1 What was printed stays and is whole; of what is drawn anew nothing is left behind, and no more is drawn than a
 *      low screen has room for: what has scrolled away cannot be drawn anew.
 *  BD2 However fast words come, it is drawn a few times a second; what is printed is printed at once.
 *
 * @module
 */
import { clearScreenDown, cursorTo, moveCursor } from "node:readline";
import { stripVTControlCharacters } from "node:util";
import { widthOf } from "./columns.ts";
import type { Screen } from "./paint.ts";

const EVERY_MS = 80;
/** For the line that a person types at, and the last of what stays. */
const ROWS_LEFT = 4;

/** What of a terminal's stream is needed. */
export interface Surface extends NodeJS.WritableStream {
  readonly columns?: number;
  readonly rows?: number;
  hasColors(): boolean;
  cork(): void;
  uncork(): void;
}

export class Board {
  readonly #stream: Surface;
  readonly #above: (draw: () => void) => void;
  #wanted: readonly string[] = [];
  #drawn: readonly string[] = [];
  #timer: NodeJS.Timeout | undefined;

  /** @param above takes what stands below out of the way, and puts it back */
  constructor(stream: Surface, above: (draw: () => void) => void) {
    this.#stream = stream;
    this.#above = above;
  }

  get screen(): Screen {
    const { columns } = this.#stream;
    return { columns: Math.max(COLUMNS_MIN, columns || 80), hasColours: this.#stream.hasColors() };
  }

  /** @param drawn what is drawn below them from now on */
  print(lines: readonly string[], drawn: readonly string[]): void {
    this.#draw(lines, drawn);
  }

  /** Soon. @param drawn is asked for when it is time */
  redraw(drawn: () => readonly string[]): void {
    this.#timer ??= setTimeout(() => {
      const lines = drawn();
      this.#timer = undefined;
      if (lines.join("\n") !== this.#wanted.join("\n")) this.#draw([], lines);
    }, EVERY_MS);
  }

  /** Nothing of what was drawn anew is left. */
  clear(): void {
    if (this.#drawn.length > 0 || this.#timer !== undefined) this.#draw([], []);
  }

  #draw(lines: readonly string[], wanted: readonly string[]): void {
    const drawn = wanted.slice(0, Math.max(0, (this.#stream.rows || 24) - ROWS_LEFT));
    clearTimeout(this.#timer);
    this.#timer = undefined;
    // All of it at once, or a terminal shows what is half drawn.
    this.#stream.cork();
    this.#above(() => {
      const rows = this.#rowsOfDrawn();
      if (rows > 0) moveCursor(this.#stream, 0, -rows);
      cursorTo(this.#stream, 0);
      clearScreenDown(this.#stream);
      for (const line of [...lines, ...drawn]) this.#stream.write(`${line}\n`);
      [this.#wanted, this.#drawn] = [wanted, drawn];
    });
    this.#stream.uncork();
  }

  /** A terminal that was made narrower has broken them into more. */
  #rowsOfDrawn(): number {
    const { columns } = this.screen;
    return this.#drawn
      .map((line) => Math.max(1, Math.ceil(widthOf(stripVTControlCharacters(line)) / columns)))
      .reduce((rows, row) => rows + row, 0);
  }
}

/** In fewer nothing can be read; a terminal that says so is not believed. */
const COLUMNS_MIN = 20;
