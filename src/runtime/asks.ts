/**
 * The asks of a host that wait for their answers, by id; and by the host that is to answer.
 *
 * Owns: finding those of one host without looking at all of them: a hundred thousand hosts may come while a thousand
 * questions are open. Does not own: what becomes of an ask.
 *
 * @module
 */
import { type Address, hostOf } from "../../machines/words.ts";

export class Asks<Open extends { readonly row: { readonly to: Address } }> extends Map<string, Open> {
  readonly #byHost = new Map<string, Set<Open>>();

  override set(id: string, open: Open): this {
    const host = hostOf(open.row.to);
    const there = this.#byHost.get(host);
    if (there === undefined) this.#byHost.set(host, new Set([open]));
    else there.add(open);
    return super.set(id, open);
  }

  override delete(id: string): boolean {
    const open = this.get(id);
    if (open === undefined) return false;
    const host = hostOf(open.row.to);
    const there = this.#byHost.get(host);
    there?.delete(open);
    if (there?.size === 0) this.#byHost.delete(host);
    return super.delete(id);
  }

  /** Those that this host is to answer, in the order in which they were asked. */
  at(host: string): readonly Open[] {
    return [...(this.#byHost.get(host) ?? [])];
  }
}
