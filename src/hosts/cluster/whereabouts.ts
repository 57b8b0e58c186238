/**
 * Where the hosts of other machines are, and in which life each is known here.
 *
 * Owns: what may still go to one of them. Does not own: links, or who may be where (permitted.ts).
 *
 *  WH1 A host is in one place. Each time it comes it is known in a new life here, also when only its link was new: what
 *      a thread had numbered for it before it heard of that does not go out on the new link, where it would overtake
 *      what is sent again. Kernel rule 5.
 *  WH2 What is not numbered reaches whatever life is there.
 *
 * @module
 */
import { type Frame, isNumbered } from "../../runtime/envelope.ts";

interface Place {
  readonly machine: string;
  /** As its own machine counts it. */
  readonly life: number;
  /** As it is known here. */
  readonly known: number;
}

export class Whereabouts {
  readonly #places = new Map<string, Place>();
  #came = 0;

  /** @returns the life in which it is known here from now on */
  come(host: string, machine: string, life: number): number {
    this.#came += 1;
    this.#places.set(host, { machine, life, known: this.#came });
    return this.#came;
  }

  /** @returns whether it was there */
  go(host: string, machine: string): boolean {
    return this.machineOf(host) === machine && this.#places.delete(host);
  }

  machineOf(host: string): string | undefined {
    return this.#places.get(host)?.machine;
  }

  /** What of these may go to it, from somebody who knows it in that life. */
  outgoing(
    to: string,
    known: number,
    frames: readonly Frame[],
  ): { readonly machine: string; readonly toLife: number; readonly frames: readonly Frame[] } | undefined {
    const place = this.#places.get(to);
    if (place === undefined) return undefined;
    const passing = place.known === known ? frames : frames.filter((frame) => !isNumbered(frame));
    return { machine: place.machine, toLife: place.life, frames: passing };
  }
}
