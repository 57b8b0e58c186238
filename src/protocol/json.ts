/**
 * JSON of whoever it may be from.
 *
 * @module
 */

/** @returns undefined for what is no JSON, which itself has no such value */
export function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** What the arguments of a call have to be, whoever made them. */
export function isJsonObject(text: string): boolean {
  const value = jsonOf(text);
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
