/**
 * Calls as a server tells them, piece by piece, put together again: each its name, and then its arguments.
 *
 *  CP1 A piece belongs to the call of its index, where it has none to the call that was begun last. However the pieces
 *      of several calls are mixed, they are told one call after the other, each as soon as those before it are whole.
 *  CP2 Called is only what was offered, with a JSON object: anything else is a failure, and no arguments at all are an
 *      object without members. Only the last call of an answer that was cut may be unfinished.
 *  CP3 Where one call was asked for, no other is told: once it is whole there is nothing to be cut.
 *  CP4 Calls that were said before come again, and the rest is told; other ones are endpoint.cut.
 *
 * @module
 */
import type { Tools } from "../../../../machines/request.ts";
import { RbeeError } from "../../../protocol/errors.ts";
import { isJsonObject } from "../../../protocol/json.ts";
import type { OutputKind, SaidCall } from "../engine.ts";
import type { Piece } from "./dialect.ts";
import { foreign } from "./failure.ts";

/** What a reader is told at once. */
export interface Part {
  readonly kind: OutputKind;
  readonly text: string;
}

type CallPiece = Extract<Piece, { type: "call" }>;

interface Call {
  name: string;
  arguments: string;
  /** How many characters of its arguments were told; nothing before its name was. */
  told: number | undefined;
}

const FIRST_HALF = /[\uD800-\uDBFF]$/;
const NO_ARGUMENTS = "{}";

export class HeardCalls {
  readonly #server: string;
  readonly #said: readonly SaidCall[];
  readonly #offered: ReadonlySet<string>;
  readonly #most: number;
  readonly #calls: Call[] = [];
  readonly #byIndex = new Map<number, Call>();
  /** The one that is told just now: all before it are whole. */
  #at = 0;

  constructor(server: string, tools: Tools | undefined, said: readonly SaidCall[] = []) {
    const { choice, functions = [], parallel } = tools ?? {};
    this.#server = server;
    this.#said = said;
    this.#offered = new Set(typeof choice === "object" ? [choice.name] : functions.map(({ name }) => name));
    this.#most = parallel === true && typeof choice !== "object" ? Infinity : 1;
  }

  get count(): number {
    return this.#calls.length;
  }

  /** Nothing more would be told. */
  get isOver(): boolean {
    const last = this.#calls[this.#most - 1];
    return last !== undefined && isJsonObject(last.arguments);
  }

  /** @returns what may be told by now */
  push(piece: CallPiece): readonly Part[] {
    const call = this.#callOf(piece);
    const { name = "", arguments: more } = piece;
    if (more.trim() !== "" && this.#calls.indexOf(call) < this.#at) {
      throw foreign(this.#server, "more of a call that was whole");
    }
    if (call.name !== "" && name !== "" && call.name !== name) throw foreign(this.#server, "two names for one call");
    call.name ||= name;
    call.arguments += more;
    return this.#tellable();
  }

  /** @param isCut the last of them may be unfinished */
  end(isCut: boolean): readonly Part[] {
    const parts: Part[] = [];
    const calls = this.#calls.slice(0, this.#most);
    for (const [at, call] of calls.entries()) {
      if (!isCut || at < calls.length - 1) this.#finish(call);
      parts.push(...this.#fresh(call, at));
    }
    const isShort = this.#said.some((said, at) => !(calls[at]?.arguments ?? "").startsWith(said.arguments));
    if (isShort || this.#said.length > calls.length) throw this.#cut();
    return parts;
  }

  #callOf({ index, name = "" }: CallPiece): Call {
    const last = this.#calls.at(-1);
    const known = index !== undefined ? this.#byIndex.get(index) : name === "" ? last : undefined;
    if (known !== undefined) return known;
    const call: Call = { name: "", arguments: "", told: undefined };
    this.#calls.push(call);
    if (index !== undefined) this.#byIndex.set(index, call);
    return call;
  }

  #tellable(): readonly Part[] {
    const parts: Part[] = [];
    for (;;) {
      const call = this.#calls[this.#at];
      if (call === undefined || this.#at >= this.#most) return parts;
      parts.push(...this.#fresh(call, this.#at));
      if (this.#at + 1 >= this.#calls.length || !isJsonObject(call.arguments)) return parts;
      this.#at += 1;
    }
  }

  /** What was not told of it yet. CP4 */
  #fresh(call: Call, at: number): readonly Part[] {
    if (call.name === "") return [];
    const said = this.#said[at];
    const parts: Part[] = [];
    if (call.told === undefined) {
      if (!this.#offered.has(call.name)) throw this.#refused(`calls ${quoted(call.name)}, which was not offered to it`);
      if (said !== undefined && said.name !== call.name) throw this.#cut();
      if (said === undefined) parts.push({ kind: "call", text: call.name });
      call.told = said?.arguments.length ?? 0;
    }
    const again = said?.arguments.slice(0, call.arguments.length) ?? "";
    if (!call.arguments.startsWith(again)) throw this.#cut();
    // The second half of a character is on its way.
    const text = call.arguments.slice(call.told).replace(FIRST_HALF, "");
    if (text === "") return parts;
    call.told += text.length;
    return [...parts, { kind: "arguments", text }];
  }

  /** CP2. */
  #finish(call: Call): void {
    if (call.arguments.trim() === "") call.arguments = NO_ARGUMENTS;
    if (call.name === "") throw this.#refused("calls something without a name");
    if (!isJsonObject(call.arguments)) throw this.#refused(`calls ${quoted(call.name)} with what is no JSON object`);
  }

  #cut(): RbeeError {
    return new RbeeError("endpoint.cut", `${this.#server} calls something else than it had before it broke off`);
  }

  #refused(what: string): RbeeError {
    return new RbeeError("endpoint.refused", `${this.#server} ${what}`);
  }
}

const quoted = (name: string): string => JSON.stringify(name.slice(0, 80));
