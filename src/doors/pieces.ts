/**
 * An answer in pieces, as every dialect hears it: text, then what is called; or vectors.
 *
 *  PI1 The arguments of a call are the pieces behind its name, up to the next name: joined they are JSON.
 *
 * @module
 */
import type { ToolCall } from "../../machines/request.ts";
import { callIdOf, type Chunk } from "../protocol/worker.ts";

export type Piece =
  | { readonly type: "text"; readonly text: string }
  | { readonly type: "call"; readonly id: string; readonly name: string }
  | { readonly type: "arguments"; readonly json: string }
  | { readonly type: "vector"; readonly bytes: Uint8Array };

export function pieceOf({ job, index, kind, text, bytes = new Uint8Array() }: Chunk): Piece {
  switch (kind) {
    case "text":
      return { type: "text", text };
    case "call":
      return { type: "call", id: callIdOf({ job, index }), name: text };
    case "arguments":
      return { type: "arguments", json: text };
    case "embedding":
      return { type: "vector", bytes };
  }
}

/** The pieces put together. */
export class Gathered {
  text = "";
  readonly vectors: Uint8Array[] = [];
  readonly #calls: { readonly id: string; readonly name: string; arguments: string }[] = [];

  get calls(): readonly ToolCall[] {
    return this.#calls;
  }

  add(piece: Piece): void {
    const last = this.#calls.at(-1);
    if (piece.type === "text") this.text += piece.text;
    else if (piece.type === "vector") this.vectors.push(piece.bytes);
    else if (piece.type === "call") this.#calls.push({ id: piece.id, name: piece.name, arguments: "" });
    else if (last !== undefined) last.arguments += piece.json;
  }
}
