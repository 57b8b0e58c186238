/**
 * The line a person types at, over node:readline.
 *
 * Owns: the terminal's raw mode and bracketed paste while open; keys pressed while nobody asks for a line; what is
 * typed and not sent. Does not own: what a line means (meaning.ts).
 *
 *  PL1 What is pasted is one message, whatever lines it has; it is sent when the person presses Enter.
 *  PL2 Ctrl-C while an answer runs reaches `onInterrupt` at once; other keys wait for the next line, or are its
 *      beginning where one is typed while others talk.
 *  PL3 `close` leaves the terminal as it was found.
 *  PL4 What is typed and not sent is lost to nothing: not to what is drawn above it, not to an answer's end; and what
 *      Ctrl-C throws away can be recalled.
 *  PL5 Tab completes, and shows above the line what else there is.
 *  PL6 A terminal that changes its size has the line drawn anew where somebody is asked for it, and nowhere else.
 *
 * Keys do not go to readline directly. Node's own parser names each (it knows the marks around a paste), and each is
 * handed on, held back, or gathered into a paste here.
 *
 * @module
 */
import {
  clearScreenDown,
  createInterface,
  cursorTo,
  emitKeypressEvents,
  type Interface,
  type Key,
  moveCursor,
} from "node:readline";
import { PassThrough } from "node:stream";
import { LIMITS } from "../../protocol/api.ts";
import { completed } from "./completer.ts";
import type { History } from "./history.ts";

export type Said =
  | { readonly type: "line"; readonly text: string }
  /** Ctrl-C at an empty line. */
  | { readonly type: "interrupt" }
  /** Ctrl-D, or the terminal went away, or the signal said so. */
  | { readonly type: "end" };

export interface PromptLine {
  next(signal: AbortSignal): Promise<Said>;
  /** The same while others talk above it: Ctrl-C is theirs, and a line that was sent is gone from the screen. */
  nextBelow(signal: AbortSignal): Promise<Said>;
  /** Takes the line out of the way while something is drawn where it begins. */
  above(draw: () => void): void;
  onInterrupt: () => void;
  /** What Tab may complete the last word of a line to. */
  completions: (line: string) => readonly string[];
  close(): void;
}

/** Stands for a line break inside the one line that readline edits. */
const BREAK = "\u2424";
const PASTE_ON = "\u001B[?2004h";
const PASTE_OFF = "\u001B[?2004l";
const HELD_KEYS_MAX = 10_000;
// Line breaks and tabs are text; anything else below the space would be taken for a key.
// oxlint-disable-next-line no-control-regex
const CONTROLS = /[\u0000-\u0008\u000B-\u001F\u007F]/g;

type Press = readonly [text: string | undefined, key: Key];

export const openPromptLine = (output: NodeJS.WriteStream, history: History): PromptLine =>
  new TypedLine(output, history);

class TypedLine implements PromptLine {
  readonly #output: NodeJS.WriteStream;
  readonly #history: History;
  readonly #editor: Interface;
  readonly #held: Press[] = [];
  #pasted: string | undefined;
  #settle: ((said: Said) => void) | undefined;
  /** Others talk above the line. */
  #isBelow = false;
  #isThrownAway = false;
  #isOver = false;
  onInterrupt: () => void = () => {};
  completions: PromptLine["completions"] = () => [];

  constructor(output: NodeJS.WriteStream, history: History) {
    this.#output = output;
    this.#history = history;
    this.#editor = openEditor(output, history);
    this.#editor
      .on("line", this.#onLine)
      .on("SIGINT", this.#onThrownAway)
      // Ctrl-Z would stop this process alone and leave its launcher waiting for it.
      .on("SIGTSTP", () => {})
      .on("close", this.#onGone);
    const input = process.stdin;
    emitKeypressEvents(input);
    // A terminal that was closed fails at the next touch. It stays listened to: even putting it back fails then.
    input.setRawMode(true).on("keypress", this.#onKey).on("end", this.#onGone).on("error", this.#onGone).resume();
    output.on("resize", this.#onResize).write(PASTE_ON);
  }

  next(signal: AbortSignal): Promise<Said> {
    this.#isBelow = false;
    return this.#next(signal);
  }

  nextBelow(signal: AbortSignal): Promise<Said> {
    this.#isBelow = true;
    return this.#next(signal);
  }

  above(draw: () => void): void {
    const isShown = this.#settle !== undefined;
    if (isShown) this.#hide();
    draw();
    if (isShown) this.#show();
  }

  close(): void {
    this.#output.off("resize", this.#onResize).write(PASTE_OFF);
    process.stdin.off("keypress", this.#onKey).off("end", this.#onGone).setRawMode(false).pause();
    this.#editor.close();
  }

  async #next(signal: AbortSignal): Promise<Said> {
    if (signal.aborted || this.#isOver) return { type: "end" };
    const said = new Promise<Said>((resolve) => {
      this.#settle = resolve;
    });
    const onAbort = (): void => {
      if (this.#settle !== undefined) this.#hide();
      this.#finish({ type: "end" });
    };
    signal.addEventListener("abort", onAbort, { once: true });
    this.#show();
    while (this.#settle !== undefined && this.#held.length > 0) this.#press(this.#held.shift() ?? [undefined, {}]);
    return said.finally(() => signal.removeEventListener("abort", onAbort));
  }

  readonly #onKey = (text: string | undefined, key: Key): void => {
    const isInterrupt = key.ctrl === true && key.name === "c";
    if (this.#settle !== undefined && !(isInterrupt && this.#isBelow)) this.#press([text, key]);
    else if (isInterrupt && !isWithinPaste(this.#held)) this.onInterrupt();
    else if (this.#held.length < HELD_KEYS_MAX) this.#held.push([text, key]);
  };

  #press([text, key]: Press): void {
    if (key.name === "paste-start") this.#pasted = "";
    else if (key.name === "paste-end") {
      this.#editor.write(plain(this.#pasted ?? ""));
      this.#pasted = undefined;
    } else if (this.#pasted !== undefined) {
      if (this.#pasted.length < LIMITS.promptChars) this.#pasted += text ?? "";
    } else if (key.name === "tab") this.#complete();
    else if (key.name === "return" || key.name === "enter") this.#send(text, key);
    else this.#editor.write(text ?? null, key);
  }

  /** A line that is sent to those who talk above it is shown by them, in its place among what they say. */
  #send(text: string | undefined, key: Key): void {
    const isBelow = this.#isBelow;
    this.#editor.write(null, { ctrl: true, name: "e" });
    const { rows } = this.#editor.getCursorPos();
    if (!isBelow) return this.#editor.write(text ?? null, key);
    const settle = this.#settle;
    // Told only once it is off the screen: who hears of it may draw at once.
    let sent: Said | undefined;
    this.#settle = (said) => (sent = said);
    this.#editor.write(text ?? null, key);
    moveCursor(this.#output, 0, -(rows + 1));
    clearScreenDown(this.#output);
    if (sent !== undefined) settle?.(sent);
  }

  readonly #onLine = (text: string): void => {
    if (text.trim() !== "") this.#history.add(text);
    if (!this.#isThrownAway) return this.#finish({ type: "line", text: text.replaceAll(BREAK, "\n") });
    this.#isThrownAway = false;
    this.#editor.prompt();
  };

  readonly #onThrownAway = (): void => {
    this.#editor.write(null, { ctrl: true, name: "e" });
    const isEmpty = this.#editor.line === "";
    this.#output.write(isEmpty ? "^C\n" : "^C");
    if (isEmpty) return this.#finish({ type: "interrupt" });
    this.#isThrownAway = true;
    this.#editor.write(null, { name: "return" });
  };

  readonly #onGone = (): void => {
    this.#isOver = true;
    this.#finish({ type: "end" });
  };

  readonly #onResize = (): void => {
    if (this.#settle !== undefined) this.#editor.prompt(true);
  };

  #finish(said: Said): void {
    const waiting = this.#settle;
    this.#settle = undefined;
    waiting?.(said);
  }

  #complete(): void {
    const typed = this.#editor.line;
    if (this.#editor.cursor < typed.length) return;
    const { rest, others } = completed(typed, this.completions(typed));
    if (rest !== "") this.#editor.write(rest);
    else if (others.length > 0) this.above(() => void this.#output.write(`${others.join("  ")}\n`));
  }

  #hide(): void {
    moveCursor(this.#output, 0, -this.#editor.getCursorPos().rows);
    cursorTo(this.#output, 0);
    clearScreenDown(this.#output);
  }

  /** Readline goes up by as many rows as it thinks that the cursor stands below the line's beginning. */
  #show(): void {
    this.#output.write("\n".repeat(this.#editor.getCursorPos().rows));
    this.#editor.prompt(true);
  }
}

function openEditor(output: NodeJS.WriteStream, history: History): Interface {
  const editor = createInterface({
    input: new PassThrough(),
    output,
    terminal: true,
    prompt: "> ",
    history: [...history.entries],
    historySize: 1_000,
    removeHistoryDuplicates: true,
  });
  // PL6. Readline, the only one that listens by now, would draw its line over whatever stands there.
  output.removeAllListeners("resize");
  return editor;
}

/** Terminals send a carriage return for each line break of a paste. The last one is the person's Enter to press. */
const plain = (pasted: string): string =>
  pasted.replaceAll(/\r\n?/g, "\n").replace(/\n+$/, "").replaceAll(CONTROLS, "").replaceAll("\n", BREAK);

function isWithinPaste(held: readonly Press[]): boolean {
  const start = held.findLastIndex(([, key]) => key.name === "paste-start");
  return start > held.findLastIndex(([, key]) => key.name === "paste-end");
}
