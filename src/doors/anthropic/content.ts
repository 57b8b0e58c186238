/**
 * The blocks of one message as they come: the events that say them, and what they are in the end.
 *
 * Owns: which block is open, and its number. Whoever answers whole leaves the events and takes the blocks.
 *
 *  AC1 Each block begins, grows and ends before the next one begins; numbers rise by one. A text that says nothing
 *      never begins.
 *  AC2 Blocks put together from their events are the blocks.
 *  AC3 A call that was cut has no input: half of what was meant is never taken for all of it.
 *
 * @module
 */
import type { ServerEvent } from "../../protocol/route.ts";
import type { Piece } from "../pieces.ts";

interface TextBlock {
  readonly type: "text";
  text: string;
  readonly citations: null;
}

interface ToolUseBlock {
  readonly type: "tool_use";
  readonly id: string;
  readonly name: string;
  input: object;
  readonly caller: { readonly type: "direct" };
}

export type Block = TextBlock | ToolUseBlock;

/** An event carries its name inside as well. */
export const named = (type: string, more: object = {}): ServerEvent => ({ event: type, data: { type, ...more } });

export class Content {
  readonly blocks: Block[] = [];
  #open: Block | undefined;
  /** The input of an open call, as JSON. */
  #input = "";

  hear(piece: Piece): readonly ServerEvent[] {
    switch (piece.type) {
      case "text":
        return this.#text(piece.text);
      case "call": {
        const { id, name } = piece;
        return this.#begin({ type: "tool_use", id, name, input: {}, caller: { type: "direct" } });
      }
      case "arguments":
        this.#input += piece.json;
        return [this.#delta({ type: "input_json_delta", partial_json: piece.json })];
      case "vector":
        return [];
    }
  }

  /** Nothing more comes. */
  end(): readonly ServerEvent[] {
    if (this.#open === undefined) return [];
    if (this.#open.type === "tool_use") this.#open.input = inputOf(this.#input);
    this.#input = "";
    this.#open = undefined;
    return [named("content_block_stop", { index: this.#index })];
  }

  #text(text: string): readonly ServerEvent[] {
    if (text === "") return [];
    const begun = this.#open?.type === "text" ? [] : this.#begin({ type: "text", text: "", citations: null });
    if (this.#open?.type === "text") this.#open.text += text;
    return [...begun, this.#delta({ type: "text_delta", text })];
  }

  get #index(): number {
    return this.blocks.length - 1;
  }

  #begin(block: Block): readonly ServerEvent[] {
    const ended = this.end();
    const empty = { ...block };
    this.#open = block;
    this.blocks.push(block);
    return [...ended, named("content_block_start", { index: this.#index, content_block: empty })];
  }

  #delta(delta: object): ServerEvent {
    return named("content_block_delta", { index: this.#index, delta });
  }
}

/** AC3. */
function inputOf(json: string): object {
  try {
    const input: unknown = JSON.parse(json);
    return typeof input === "object" && input !== null ? input : {};
  } catch {
    return {};
  }
}
