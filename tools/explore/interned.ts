/**
 * Equal values under one small number.
 *
 * @module
 */

export class Interned<Value> {
  readonly #ids = new Map<string, number>();
  readonly #values: Value[] = [];

  /** Equal as JSON is equal: keys in the same order. */
  id(value: Value): number {
    const text = JSON.stringify(value);
    let id = this.#ids.get(text);
    if (id === undefined) {
      id = this.#values.length;
      this.#ids.set(text, id);
      this.#values.push(JSON.parse(text) as Value);
    }
    return id;
  }

  at(id: number): Value {
    return this.#values[id] as Value;
  }

  get size(): number {
    return this.#values.length;
  }
}
