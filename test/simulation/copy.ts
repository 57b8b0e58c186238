/**
 * A copy of what goes over a wire or into a journal, so that nothing is shared between hosts or with what lasts.
 *
 * By hand and not through the codec: the codec has tests of its own, and here its cost would be paid at every step.
 *
 *  CP1 What comes out is what the codec would give back, and nothing of it is shared; what it refuses is refused.
 *
 * @module
 */

/** Of plain data: objects, arrays, bytes, and what is no object. */
export function copyOf<T>(value: T): T;
export function copyOf(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return plain(value);
  if (value instanceof Uint8Array) return Buffer.from(value);
  if (Array.isArray(value)) return value.map(copyOf);
  // Cloned whole first, which is quick; most of what is in an object is no object.
  const copy: Record<string, unknown> = { ...value };
  for (const key in copy) {
    const member = copy[key];
    if (typeof member === "object" || typeof member === "symbol") copy[key] = copyOf(member);
  }
  return copy;
}

function plain(value: unknown): unknown {
  if (typeof value === "symbol") throw new TypeError("a symbol is no data");
  return value;
}
