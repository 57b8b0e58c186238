/**
 * The line a person types at, over node:readline.
 *
 * Owns: the terminal's raw mode and bracketed paste while open; keys pressed while nobody asks for a line.
 * Does not own: what a line means (conversation.ts).
 *
 *  PL1 What is pasted is one message, whatever lines it has; it is sent when the person presses Enter.
 *  PL2 Ctrl-C while an answer runs reaches `onInterrupt` at once; other keys wait for the next line.
 *  PL3 `close` leaves the terminal as it was found.
 *
 * Keys do not go to readline directly. Node's own parser names each (it knows the marks around a paste), and each is
 * handed on, held back, or gathered into a paste here.
 *
 * @module
 */
import { createInterface, emitKeypressEvents, type Interface, type Key } from "node:readline";
import { PassThrough } from "node:stream";
import { LIMITS } from "../../protocol/api.ts";
import type { History } from "./history.ts";

export type Said =
  | { readonly type: "line"; readonly text: string }
  /** Ctrl-C at an empty line. */
  | { readonly type: "interrupt" }
  /** Ctrl-D, or the terminal went away. */
  | { readonly type: "end" };

export interface PromptLine {
  next(signal: AbortSignal): Promise<Said>;
  onInterrupt: () => void;
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

export function openPromptLine(output: NodeJS.WriteStream, history: History): PromptLine {
  const input = process.stdin;
  const editor = openEditor(output, history);
  const held: Press[] = [];
  let pasted: string | undefined;
  let settle: ((said: Said) => void) | undefined;

  const press = ([text, key]: Press): void => {
    if (key.name === "paste-start") pasted = "";
    else if (key.name === "paste-end") {
      editor.write(plain(pasted ?? ""));
      pasted = undefined;
    } else if (pasted !== undefined) {
      if (pasted.length < LIMITS.promptChars) pasted += text ?? "";
    } else editor.write(text ?? null, key);
  };
  const onKey = (text: string | undefined, key: Key): void => {
    if (settle !== undefined) press([text, key]);
    else if (key.ctrl && key.name === "c" && !isWithinPaste(held)) line.onInterrupt();
    else if (held.length < HELD_KEYS_MAX) held.push([text, key]);
  };
  const finish = (said: Said): void => {
    const waiting = settle;
    settle = undefined;
    waiting?.(said);
  };

  editor.on("line", (text) => {
    if (text.trim() !== "") history.add(text);
    finish({ type: "line", text: text.replaceAll(BREAK, "\n") });
  });
  editor.on("SIGINT", () => {
    output.write("^C\n");
    if (editor.line === "") return finish({ type: "interrupt" });
    editor.write(null, { ctrl: true, name: "e" });
    editor.write(null, { ctrl: true, name: "u" });
    editor.prompt();
  });
  // Ctrl-Z would stop this process alone and leave its launcher waiting for it.
  editor.on("SIGTSTP", () => {});
  editor.on("close", () => finish({ type: "end" }));
  // A terminal that was closed fails at the next touch. It stays listened to: even putting it back fails then.
  const onGone = (): void => finish({ type: "end" });

  emitKeypressEvents(input);
  input.setRawMode(true).on("keypress", onKey).on("end", onGone).on("error", onGone).resume();
  output.write(PASTE_ON);

  const line: PromptLine = {
    onInterrupt() {},
    async next(signal) {
      if (signal.aborted) return { type: "end" };
      const said = new Promise<Said>((resolve) => {
        settle = resolve;
      });
      signal.addEventListener("abort", onGone, { once: true });
      editor.prompt();
      while (settle !== undefined && held.length > 0) press(held.shift() ?? [undefined, {}]);
      return said.finally(() => signal.removeEventListener("abort", onGone));
    },
    close() {
      output.write(PASTE_OFF);
      input.off("keypress", onKey).off("end", onGone).setRawMode(false).pause();
      editor.close();
    },
  };
  return line;
}

const openEditor = (output: NodeJS.WriteStream, history: History): Interface =>
  createInterface({
    input: new PassThrough(),
    output,
    terminal: true,
    prompt: "> ",
    history: [...history.entries],
    historySize: 1_000,
    removeHistoryDuplicates: true,
  });

/** Terminals send a carriage return for each line break of a paste. The last one is the person's Enter to press. */
const plain = (pasted: string): string =>
  pasted.replaceAll(/\r\n?/g, "\n").replace(/\n+$/, "").replaceAll(CONTROLS, "").replaceAll("\n", BREAK);

function isWithinPaste(held: readonly Press[]): boolean {
  const start = held.findLastIndex(([, key]) => key.name === "paste-start");
  return start > held.findLastIndex(([, key]) => key.name === "paste-end");
}
