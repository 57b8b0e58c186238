/**
 * The `audience` port: what discussions write and their thinkers say, for whoever listens.
 *
 * Owns: the order in which a listener hears both. Does not own: the log (its cell has it, later the archive).
 *
 *  AU1 A listener hears every event of the log from the one it names, once, in order.
 *  AU2 Words are heard as they come. Those of a turn that runs are kept as long as it does, and said from their
 *      beginning to whoever comes late; what has ended is read in the log.
 *  AU3 A listener that does not take what it is given is cut off above a bound, and may come again from where it was.
 *  AU4 No discussion waits for its being heard: it is told with whatever else its host is told.
 *
 * @module
 */
import { endsTurn, type LogEvent } from "../../../machines/rules/log.ts";
import type { PublishAsk } from "../../actors/team/log-writing.ts";
import type { DiscussionEvent } from "../../protocol/discussion-api.ts";
import type { HeardWords } from "../../protocol/discussion-api.ts";
import { RbeeError } from "../../protocol/errors.ts";
import type { AskResult } from "../../runtime/envelope.ts";
import type { Port, PortCall } from "../../runtime/ports.ts";

const WAITING_MAX = 20_000;
/** Of one turn: of one that says more, who comes late hears the rest. */
const SAID_LENGTH_MAX = 100_000;
/** Discussions in which somebody speaks; a word that comes behind the last one makes room for others. */
const SPOKEN_MAX = 256;

/** Is told all that is published, as it comes: also what comes again. */
export type AudienceWitness = (discussion: string, events: readonly LogEvent[]) => void;

interface Listener {
  readonly waiting: DiscussionEvent[];
  wake: () => void;
  isCut: boolean;
}

/** By turn: what was said so far. */
type Said = Map<number, HeardWords>;

export class Audience implements Port {
  /** AU4. */
  readonly isUnhurried = true;
  /** AU2. Of discussions in which somebody speaks. */
  readonly #said = new Map<string, Said>();
  readonly #listeners = new Map<string, Set<Listener>>();
  readonly #witness: AudienceWitness;

  constructor(witness: AudienceWitness = () => {}) {
    this.#witness = witness;
  }

  ask({ event }: PortCall, answer: (result: AskResult) => void): void {
    const { discussion, events } = event as unknown as PublishAsk;
    this.#witness(discussion, events);
    for (const one of events) {
      this.#forget(discussion, one);
      this.#tell(discussion, one);
    }
    queueMicrotask(() => answer({ ok: true, event: { type: "heard" } }));
  }

  drop(): void {}

  /** Somebody says these words at this moment. */
  words(discussion: string, words: HeardWords): void {
    this.#keep(discussion, words);
    this.#tell(discussion, words);
  }

  /**
   * @param earlier what the log has by now, from the event that is named; asked once listening has begun
   * @throws RbeeError stream.slow to who does not keep up
   */
  async *listen(
    discussion: string,
    from: number,
    earlier: () => Promise<readonly LogEvent[]>,
    signal: AbortSignal,
  ): AsyncGenerator<DiscussionEvent> {
    const listener: Listener = { waiting: [], wake: () => {}, isCut: false };
    const all = this.#listeners.get(discussion) ?? new Set();
    this.#listeners.set(discussion, all.add(listener));
    // What is said from now on comes to the listener itself.
    const said = [...(this.#said.get(discussion)?.values() ?? [])];
    const onAbort = (): void => listener.wake();
    signal.addEventListener("abort", onAbort);
    try {
      let next = from;
      const over = new Set<number>();
      for (const event of await earlier()) {
        yield event;
        next = event.seq + 1;
        if (event.type === "final") return;
        if (endsTurn(event)) over.add(event.turn);
      }
      yield* said.filter(({ turn }) => !over.has(turn));
      while (!signal.aborted) {
        if (listener.isCut) throw new RbeeError("stream.slow", "what was said was not taken in time");
        const event = listener.waiting.shift();
        if (event === undefined) {
          await new Promise<void>((resolve) => void (listener.wake = resolve));
          continue;
        }
        if (event.type !== "token") {
          if (event.seq < next) continue;
          next = event.seq + 1;
        }
        yield event;
        if (event.type === "final") return;
      }
    } finally {
      signal.removeEventListener("abort", onAbort);
      all.delete(listener);
      if (all.size === 0) this.#listeners.delete(discussion);
    }
  }

  #keep(discussion: string, { text, offset, ...its }: HeardWords): void {
    const turns: Said = this.#said.get(discussion) ?? new Map<number, HeardWords>();
    this.#said.set(discussion, turns);
    const [oldest] = this.#said.keys();
    if (this.#said.size > SPOKEN_MAX && oldest !== undefined) this.#said.delete(oldest);
    const before = turns.get(its.turn)?.text ?? "";
    // Begun anew in the midst of it: what came before is not known.
    if (offset > before.length || offset + text.length > SAID_LENGTH_MAX) turns.delete(its.turn);
    else turns.set(its.turn, { ...its, offset: 0, text: before.slice(0, offset) + text });
  }

  #forget(discussion: string, event: LogEvent): void {
    if (event.type === "final") this.#said.delete(discussion);
    else if (endsTurn(event)) this.#said.get(discussion)?.delete(event.turn);
  }

  #tell(discussion: string, event: DiscussionEvent): void {
    for (const listener of this.#listeners.get(discussion) ?? []) {
      if (listener.waiting.length >= WAITING_MAX) listener.isCut = true;
      else listener.waiting.push(event);
      listener.wake();
    }
  }
}
