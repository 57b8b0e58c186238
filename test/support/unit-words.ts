/**
 * What systemd reads out of a line of a unit: quotes and escapes, then specifiers, then variables in arguments.
 *
 * Written from systemd.syntax(7), systemd.unit(5) and systemd.service(5), apart from the code that writes units.
 *
 * @module
 */

/** The words between double quotes, still escaped. */
export const wordsOf = (line: string): readonly string[] =>
  [...line.matchAll(/"((?:[^"\\]|\\.)*)"/gs)].map(([, word = ""]) => word);

export function unescaped(word: string, where: "argument" | "text"): string {
  const characters = word.replaceAll(/\\(.)/g, (_, letter: string) => (letter === "n" ? "\n" : letter));
  const specified = characters.replaceAll(/%(.)/gs, (_, next: string) => (next === "%" ? "%" : "(specifier)"));
  const expanded = (_: string, next: string): string => (next === "$" ? "$" : "(variable)");
  return where === "argument" ? specified.replaceAll(/\$(\$|\{\w*\}|\w+)/g, expanded) : specified;
}
