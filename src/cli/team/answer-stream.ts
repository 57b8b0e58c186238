/**
 * The answer of a discussion as it comes, for whoever wants nothing else.
 *
 * Of the queen alone her words are given as she says them. Of a vote or a discussion there is no answer before its end,
 * and where nobody contributed there is none at all.
 *
 *  AS1 What was given is the beginning of the answer: each word once, in order, also where some were not heard; what
 *      turns out to be something else is told apart by a line break.
 *
 * @module
 */
import type { Logged } from "../../../machines/rules/log.ts";
import type { DiscussionEvent, HeardWords } from "../../protocol/discussion-api.ts";
import { plain } from "./plain.ts";

export class AnswerStream {
  #isAlone = false;
  #turn: number | undefined;
  /** As it was said, of the turn that answers. */
  #said = "";
  #isContributed = false;

  /** What is to be written now: nothing, mostly. */
  next(event: DiscussionEvent): string {
    switch (event.type) {
      case "opened":
        this.#isAlone = event.mode === "alone";
        return "";
      case "granted":
        return this.#isAlone ? this.#begin(event.turn) : "";
      case "token":
        return this.#isAlone ? this.#words(event) : "";
      case "contributed":
        this.#isContributed = true;
        return this.#isAlone ? this.#whole(event) : "";
      case "final":
        return this.#isAlone || !this.#isContributed ? "" : plain(event.text.trim());
      default:
        return "";
    }
  }

  /** Of a turn that may not be the first: what the one before had said is not the answer. */
  #begin(turn: number): string {
    if (this.#turn === turn) return "";
    const broken = this.#said === "" ? "" : "\n";
    [this.#turn, this.#said] = [turn, ""];
    return broken;
  }

  #words({ turn, offset, text }: HeardWords): string {
    const broken = this.#begin(turn);
    // What is missing between is in the log, and comes with the whole.
    if (offset > this.#said.length) return broken;
    const before = this.#said.trimStart();
    this.#said += text.slice(this.#said.length - offset);
    return broken + plain(this.#said.trimStart().slice(before.length));
  }

  #whole({ turn, text }: Logged<"contributed">): string {
    const answer = text.trim();
    const given = this.#said.trimStart();
    const isHeard = this.#turn === turn && answer.startsWith(given.trimEnd());
    const broken = given === "" || isHeard ? "" : "\n";
    return broken + plain(isHeard ? answer.slice(given.length) : answer);
  }
}
