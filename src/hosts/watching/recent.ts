/**
 * The last few ids of something: enough to know a thing that is told twice, and no more.
 *
 * @module
 */
const KEPT_MAX = 1024;

export class Recent {
  readonly #ids = new Set<string>();

  has(id: string): boolean {
    return this.#ids.has(id);
  }

  add(id: string): void {
    this.#ids.add(id);
    const [oldest] = this.#ids;
    if (this.#ids.size > KEPT_MAX && oldest !== undefined) this.#ids.delete(oldest);
  }
}
