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
  const copy: Record<string, unknown> = {};
  for (const key in value) copy[key] = copyOf((value as Record<string, unknown>)[key]);
  return copy;
}

function plain(value: unknown): unknown {
  if (typeof value === "symbol") throw new TypeError("a symbol is no data");
  return value;
}
