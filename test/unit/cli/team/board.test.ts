/**
 * Goal: BD1-BD2 of board.ts: what is drawn anew leaves nothing behind.
 * Method: a screen that does what the few commands say that are sent to it, and nothing else.
 */
import { Writable } from "node:stream";
import { fc, test } from "@fast-check/vitest";
import { describe, expect } from "vitest";
import { Board, type Surface } from "../../../../src/cli/team/board.ts";

const ESCAPES = /\u001B\[(\d*)([A-Z])|(\n)|([^\u001B\n]+)/g; // oxlint-disable-line no-control-regex

/** The lines of a terminal, from the first that was written. */
class PaperScreen extends Writable {
  readonly columns = 40;
  readonly rows = 10;
  readonly lines: string[] = [""];
  #row = 0;
  /** How many rows the cursor went up beyond what such a screen shows. */
  lostRows = 0;

  hasColors = (): boolean => false;

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    for (const [, count, command, isBreak, text] of chunk.toString().matchAll(ESCAPES)) {
      if (isBreak !== undefined) this.#row += 1;
      else if (text !== undefined) this.lines[this.#row] = text;
      else if (command === "A") this.#row -= Number(count);
      else if (command === "J") this.lines.length = this.#row;
      this.lines[this.#row] ??= "";
      this.lostRows = Math.max(this.lostRows, this.lines.length - this.rows - this.#row);
    }
    done();
  }
}

const board = (screen: Surface): Board => new Board(screen, (draw) => draw());
const lines = fc.array(fc.stringMatching(/^[a-z ]{1,30}$/), { maxLength: 20 });

describe("the end of a terminal", () => {
  test.prop([fc.array(fc.tuple(lines, lines), { maxLength: 20 })])(
    "BD1 what was printed stays whole and in order, and at the end nothing else is there",
    (steps) => {
      const screen = new PaperScreen();
      const drawing = board(screen);
      for (const [printed, drawn] of steps) drawing.print(printed, drawn);
      const last = steps.at(-1)?.[1] ?? [];
      const all = steps.flatMap(([printed]) => printed);
      expect(screen.lines).toEqual([...all, ...last.slice(0, screen.rows - 4), ""]);
      drawing.clear();
      expect(screen.lines).toEqual([...all, ""]);
      expect(screen.lostRows).toBe(0);
    },
  );

  test("BD2 however often it is to be drawn anew it is drawn once, with what there is by then", async () => {
    const screen = new PaperScreen();
    const drawing = board(screen);
    let asked = 0;
    for (let word = 0; word < 1_000; word += 1) drawing.redraw(() => [`asked ${(asked += 1)} times`]);
    expect(screen.lines).toEqual([""]);
    await expect.poll(() => screen.lines).toEqual(["asked 1 times", ""]);
  });
});
