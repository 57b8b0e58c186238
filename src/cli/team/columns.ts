/**
 * How much of a line a text takes at a terminal, and how it is made to fit.
 *
 * Widths are never guessed too small: of a sequence of signs that some terminals draw as one the parts are counted. A
 * line that is a little short looks well; one that is too long breaks what is drawn anew.
 *
 *  CO1 Nothing that was cut or wrapped is wider than it may be, whatever letters it has.
 *  CO2 Wrapping loses no letter but the spaces that it broke at.
 *
 * @module
 */
const LATIN = /^[\u0020-\u007E]*$/u;
const UNSEEN = /^[\p{Mark}\p{Format}]$/u;
const WIDE_SCRIPTS = String.raw`\p{Emoji_Presentation}\p{scx=Hangul}\p{scx=Han}\p{scx=Hiragana}\p{scx=Katakana}`;
const WIDE_RANGES = String.raw`\u2E80-\u303E\uFE30-\uFE6F\uFF01-\uFF60\uFFE0-\uFFE6`;
const WIDE_PLANES = String.raw`\u{17000}-\u{18CFF}\u{1B000}-\u{1B2FF}\u{1F000}-\u{1FAFF}`;
const WIDE = new RegExp(`^[${WIDE_SCRIPTS}${WIDE_RANGES}${WIDE_PLANES}]$`, "u");
/** Behind a sign it asks for the coloured and wider form of it. */
const AS_EMOJI = "\uFE0F";
const CUT = "…";

const letters = new Intl.Segmenter(undefined, { granularity: "grapheme" });

export function widthOf(text: string): number {
  if (LATIN.test(text)) return text.length;
  let width = 0;
  for (const sign of text) width += signWidth(sign);
  return width;
}

const signWidth = (sign: string): number => (sign === AS_EMOJI ? 1 : UNSEEN.test(sign) ? 0 : WIDE.test(sign) ? 2 : 1);

const lettersOf = (text: string): string[] => Array.from(letters.segment(text), ({ segment }) => segment);

/** As many of them, from the first, as have room. */
function fitting(all: readonly string[], columns: number): number {
  let [count, width] = [0, 0];
  for (const letter of all) {
    width += widthOf(letter);
    if (width > columns) break;
    count += 1;
  }
  return count;
}

/** Its beginning, with a mark where something is left out. */
export function headOf(text: string, columns: number): string {
  if (widthOf(text) <= columns) return text;
  if (columns < 1) return "";
  const all = lettersOf(text);
  return all.slice(0, fitting(all, columns - 1)).join("") + CUT;
}

/** Its end, with a mark where something is left out. */
export function tailOf(text: string, columns: number): string {
  // What is long is cut before it is measured: it is asked for with every word that comes.
  const near = text.slice(-8 * Math.max(1, columns));
  if (near === text && widthOf(text) <= columns) return text;
  if (columns < 1) return "";
  const all = lettersOf(near).reverse();
  return (
    CUT +
    all
      .slice(0, fitting(all, columns - 1))
      .reverse()
      .join("")
  );
}

/** Each line of it as lines that have room. */
export const wrapTo = (text: string, columns: number): readonly string[] =>
  text.split("\n").flatMap((line) => wrapLine(line, Math.max(2, columns)));

function wrapLine(text: string, columns: number): readonly string[] {
  if (widthOf(text) <= columns) return [text];
  const lines: string[] = [];
  let [line, width] = ["", 0];
  const next = (): void => {
    lines.push(line.trimEnd());
    [line, width] = ["", 0];
  };
  // A word with the spaces behind it; those before the first are a word of their own, and stay.
  for (const word of text.match(/^ +|[^ ]+ */gu) ?? []) {
    const wordWidth = widthOf(word.trimEnd());
    if (wordWidth > columns) {
      for (const letter of lettersOf(word)) {
        if (width + widthOf(letter) > columns) next();
        if (line !== "" || letter !== " ") [line, width] = [line + letter, width + widthOf(letter)];
      }
      continue;
    }
    if (width + wordWidth > columns) next();
    [line, width] = [line + word, width + widthOf(word)];
  }
  if (line.trim() !== "") next();
  return lines;
}
