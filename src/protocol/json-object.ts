/**
 * Whether a text is a JSON object: what the arguments of a call have to be, whoever made them.
 *
 * @module
 */
export function isJsonObject(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}
