/**
 * A copy of what goes over a wire, so that nothing is shared between hosts.
 *
 * By hand and not through the codec: the codec has tests of its own, and here its cost would be paid at every step.
 *
 *  CP1 What comes out is what the codec would give back, and nothing of it is shared.
 *
 * @module
 */

/** Of plain data: objects, arrays, bytes, and what is no object. */
export function copyOf<T>(value: T): T;
export function copyOf(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (value instanceof Uint8Array) return Buffer.from(value);
  if (Array.isArray(value)) return value.map(copyOf);
  const copy: Record<string, unknown> = {};
  for (const key in value) copy[key] = copyOf((value as Record<string, unknown>)[key]);
  return copy;
}
