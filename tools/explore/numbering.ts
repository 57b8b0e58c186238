/**
 * The numbers that durable hosts give to what they send, brought down to the smallest that keep their order.
 *
 * A number is compared with others of its lane and cell, and with nothing else; a counter that only rises would make
 * every way to a state another state.
 *
 *  B1 Order is kept among all that can still meet: what waits, what is under way, and marks that these could meet.
 *  B2 A mark that nothing under way could meet is as good as none.
 *
 * @module
 */
import type { Channels } from "./channels.ts";
import type { Numbered } from "./facts.ts";
import type { Hosts } from "./hosts.ts";
import { EMPTY, hostAt, type State } from "./state.ts";

export class Numbering {
  readonly #hosts: Hosts;
  readonly #channels: Channels;
  /** Recounts as inputs. */
  readonly #inputs = new Map<string, number>();

  constructor(hosts: Hosts, channels: Channels) {
    this.#hosts = hosts;
    this.#channels = channels;
  }

  recount(state: State): void {
    for (const [h, { id, durable }] of this.#hosts.specs.entries()) {
      if (!durable) continue;
      const { waiting, next } = this.#hosts.facts(h, state[hostAt(h)] as number);
      const marks = this.#marksOf(state, id);
      if (marks === undefined && next === waiting.length + 1) continue;
      const live = [...waiting, ...this.#channels.numberedFrom(state, id)];
      const met = (marks ?? []).filter((mark) => live.some((other) => couldMeet(other, mark)));
      const numbers = [...new Set([...live, ...met].map(({ n }) => n))].toSorted((a, b) => a - b);
      const isSmallest = next === numbers.length + 1 && numbers.every((n, i) => n === i + 1);
      if (!isSmallest || met.length !== marks?.length) this.#renumber(state, id, numbers);
    }
  }

  /** Undefined: there is none. */
  #marksOf(state: State, from: string): readonly Numbered[] | undefined {
    let found: Numbered[] | undefined;
    for (const h of this.#hosts.specs.keys()) {
      const image = state[hostAt(h)] as number;
      if (image === EMPTY) continue;
      const { marks, markers } = this.#hosts.facts(h, image);
      if (!markers.has(from)) continue;
      found ??= [];
      for (const mark of marks) if (mark.from === from) found.push(mark);
    }
    return found;
  }

  #renumber(state: State, host: string, numbers: readonly number[]): void {
    const key = `${host} ${numbers.join()}`;
    let input = this.#inputs.get(key);
    if (input === undefined) {
      input = this.#hosts.inputs.id([{ do: "recount", host, numbers }]);
      this.#inputs.set(key, input);
    }
    for (const h of this.#hosts.specs.keys()) {
      const image = state[hostAt(h)] as number;
      if (image !== EMPTY) state[hostAt(h)] = this.#hosts.step(h, image, input).image;
    }
    this.#channels.renumber(state, host, input, numbers);
  }
}

const couldMeet = (other: Numbered, mark: Numbered): boolean =>
  other.to === mark.to && other.lane === mark.lane && other.n <= mark.n;
