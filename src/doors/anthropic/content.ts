/**
 * The blocks of one message as they come: the events that say them, and what they are in the end.
 *
 * Owns: which block is open, and its number. Whoever answers whole leaves the events and takes the blocks.
 *
 *  AC1 Each block begins, grows and ends before the next one begins; numbers rise by one. One that has nothing to say
 *      never begins.
 *  AC2 Blocks put together from their events are the blocks.
 *
 * @module
 */
import type { ServerEvent } from "../../protocol/route.ts";

export interface Block {
  readonly type: "text";
  text: string;
  readonly citations: null;
}

/** An event carries its name inside as well. */
export const named = (type: string, more: object = {}): ServerEvent => ({ event: type, data: { type, ...more } });

export class Content {
  readonly blocks: Block[] = [];
  #open: Block | undefined;

  text(text: string): readonly ServerEvent[] {
    if (text === "") return [];
    const begun = this.#open === undefined ? this.#begin({ type: "text", text: "", citations: null }) : [];
    const block = this.#open;
    if (block !== undefined) block.text += text;
    return [...begun, named("content_block_delta", { index: this.#index, delta: { type: "text_delta", text } })];
  }

  /** Nothing more comes. */
  end(): readonly ServerEvent[] {
    if (this.#open === undefined) return [];
    this.#open = undefined;
    return [named("content_block_stop", { index: this.#index })];
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
}
