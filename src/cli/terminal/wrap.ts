/**
 * Sentences on a screen of 80 columns.
 *
 *  WR1 No line is wider, but for a word that is; what goes on stands two columns further in than its beginning.
 *
 * @module
 */
const COLUMNS = 79;
const FURTHER_IN = 2;

export const wrapped = (sentences: readonly string[]): string => sentences.flatMap(linesOf).join("\n");

function linesOf(sentence: string): readonly string[] {
  const indent = sentence.length - sentence.trimStart().length;
  const lines: string[] = [];
  let line = " ".repeat(indent);
  for (const word of sentence.trimStart().split(" ")) {
    const isEmpty = line.trim() === "";
    if (!isEmpty && line.length + 1 + word.length > COLUMNS) {
      lines.push(line);
      line = `${" ".repeat(indent + FURTHER_IN)}${word}`;
    } else line = isEmpty ? line + word : `${line} ${word}`;
  }
  return [...lines, line];
}
