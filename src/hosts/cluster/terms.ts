/**
 * The latest term of the queen that a machine has heard of, which it tells to whoever comes as that queen.
 *
 * Owns: who steps back where two of them are found, as with a home that was copied and started twice. Does not own:
 * what hives obey (machines/hive.ts, H1), which holds without it.
 *
 *  TM1 A member goes with the latest term that it has heard of, also after a restart, and cuts who has an earlier one.
 *  TM2 A queen who is shown a later term of herself, in her own cluster's word, steps down; on nobody else's.
 *
 * @module
 */
import { hearTerm, isLater, type Term } from "../../net/authority/term.ts";
import type { ErrorData } from "../../protocol/errors.ts";

export interface TermsOptions {
  /** The certificate of the cluster's authority. */
  readonly authority: string;
  /** The name of her machine. */
  readonly queen: string;
  /** What is known from before: of a queen her own. */
  readonly said: string | undefined;
  /** A later one was heard. */
  readonly later: (said: string, term: Term) => void;
}

export class Terms {
  readonly #options: TermsOptions;
  #known: { readonly said: string; readonly term: Term } | undefined;

  constructor(options: TermsOptions) {
    this.#options = options;
    const term = options.said === undefined ? undefined : this.#read(options.said);
    this.#known = options.said === undefined || term === undefined ? undefined : { said: options.said, term };
  }

  /** To be told to the other side of each link that comes up. */
  get said(): string | undefined {
    return this.#known?.said;
  }

  /** @returns why the link is cut: the other side is not the latest, or says what is no term */
  heard(said: string): ErrorData | undefined {
    const term = this.#read(said);
    if (term === undefined) return { code: "link.role", message: "what it says is no term of this cluster's queen" };
    const known = this.#known?.term;
    if (known === undefined || isLater(term, known)) {
      this.#known = { said, term };
      this.#options.later(said, term);
      return undefined;
    }
    if (!isLater(known, term)) return undefined;
    return { code: "link.stale", message: `its term is ${inWords(term)}; known is ${inWords(known)}` };
  }

  #read(said: string): Term | undefined {
    return hearTerm(said, this.#options.authority, this.#options.queen);
  }
}

const inWords = ({ epoch, startedMs }: Term): string => `${epoch}, begun at ${new Date(startedMs).toISOString()}`;

/** What an earlier start of a queen is told, before it ends. */
export const superseded = (own: Term, later: Term): ErrorData => ({
  code: "queen.superseded",
  message: `another start of this queen is later: its term is ${inWords(later)}; this one's is ${inWords(own)}`,
});
