/**
 * A discussion as it is shown: at a terminal with all who speak, elsewhere by its answer alone.
 *
 *  SH1 The answer reaches stdout once. What else there is goes to a terminal, or nowhere.
 *  SH2 What the queen says alone is shown as she says it, and nothing else is, but that she begins anew.
 *
 * @module
 */
import type { Output } from "../terminal/output.ts";
import { speaker, type Speaker } from "../terminal/speaker.ts";
import type { DiscussionEvent } from "../../protocol/discussion-api.ts";
import { AnswerStream } from "./answer-stream.ts";
import { Board } from "./board.ts";
import { Hearing } from "./hearing.ts";
import { liveLines } from "./live.ts";
import { palette } from "./paint.ts";
import { linesOf } from "./told.ts";

export interface Showing {
  readonly output: Output;
  /** Where a person watches. */
  readonly terminal: NodeJS.WriteStream | undefined;
  /** Takes what stands at the end of the terminal out of the way. */
  readonly above?: (draw: () => void) => void;
}

/** Where a person watches what goes to stdout or, where that is a pipe, to stderr. */
export const watched = (): NodeJS.WriteStream | undefined =>
  [process.stdout, process.stderr].find((stream) => stream.isTTY);

export class Show {
  readonly hearing = new Hearing();
  readonly #board: Board | undefined;
  readonly #speaking: Speaker;
  readonly #answer = new AnswerStream();
  /** The answer's way is the terminal itself. */
  readonly #isSeen: boolean;

  constructor({ output, terminal, above = (draw) => draw() }: Showing) {
    this.#board = terminal === undefined ? undefined : new Board(terminal, above);
    this.#speaking = speaker(output);
    this.#isSeen = terminal === process.stdout;
  }

  async on(event: DiscussionEvent): Promise<void> {
    this.hearing.hear(event);
    const words = this.#answer.next(event);
    const { standing } = this.hearing;
    if (standing?.opened.mode === "alone") return this.#alone(event, words);
    if (event.type === "token") return this.#board?.redraw(() => this.#live());
    if (standing !== undefined) {
      const lines = this.#board === undefined ? [] : linesOf(standing, event, this.#board.screen);
      const isVote = standing.opened.mode === "vote";
      if (words !== "" && this.#isSeen && isVote) this.#board?.print(words.split("\n"), []);
      this.#board?.print(lines, this.#live());
    }
    if (!this.#isSeen) await this.#speaking.say(words);
  }

  /** Lines of ours between theirs. */
  tell(text: string): void {
    this.#board?.print(text.split("\n"), this.#live());
  }

  /** What was said stays. */
  async end(): Promise<void> {
    this.#board?.clear();
    await this.#speaking.end();
  }

  #live(): readonly string[] {
    return this.#board === undefined ? [] : liveLines(this.hearing, this.#board.screen);
  }

  #thinking(): readonly string[] {
    return this.#board === undefined ? [] : [palette(this.#board.screen).dim("...")];
  }

  /** SH2: until she has begun it is seen that she thinks. */
  async #alone(event: DiscussionEvent, words: string): Promise<void> {
    const board = this.#board;
    const { standing, firstWordsAt } = this.hearing;
    if (words !== "") board?.clear();
    else if (firstWordsAt === undefined && standing?.final === undefined) board?.redraw(() => this.#thinking());
    await this.#speaking.say(words);
    if (board === undefined || words === "" || event.type !== "granted") return;
    board.print([palette(board.screen).dim("That broke off: she begins anew.")], []);
  }
}
