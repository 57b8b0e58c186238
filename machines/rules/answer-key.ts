/**
 * When two answers are the same: the key of an answer, by which samples of a vote are counted.
 *
 * Owns: the key. Does not own: the vote (ballot.ts), or whether an answer is right.
 *
 * It is modest on purpose. Two answers that are the same and have two keys cost some agreement; two that differ and
 * have one key make a wrong answer win. No word of any language is known here.
 *
 *  AK1 The last line that says something is the answer: what stands above it led there.
 *  AK2 Case, width, the marks of Markdown and TeX around it, spaces and closing punctuation change nothing.
 *  AK3 A number is its value: `42`, `42.0`, `$42`, `+42` and `0042` are one, and so are `1,234.50` and `1 234.5`. One
 *      comma before three digits is read as in English, as is a point. A percentage is another thing than its number.
 *  AK4 A letter that names an option is that letter, alone or with a bracket, whatever follows: `B`, `(b)`, `b) Paris`.
 *  AK5 What one to three words and a colon lead to is the answer, if it is a number or a letter: `Answer: 42`.
 *
 * @module
 */

const KEY_CHARS_MAX = 200;
/** What is matched is short: a line of spaces costs no more than another. */
const LINE_CHARS_MAX = 500;

export function answerKey(text: string): string {
  const line = lastLine(text.normalize("NFKC").toLowerCase());
  const plain = undressed(line);
  const led = LED.exec(plain)?.[1];
  return (
    (led === undefined ? undefined : short(undressed(led))) ?? short(plain) ?? plain.slice(0, KEY_CHARS_MAX).trim()
  );
}

/** An answer that says nothing is the same as no other. */
export const sameAnswer = (a: string, b: string): boolean => answerKey(a) === answerKey(b) && answerKey(a) !== "";

const SAYS = /[\p{L}\p{N}\p{S}]/u;

/** AK1. */
const lastLine = (text: string): string =>
  (text.split(/\r?\n/).findLast((line) => SAYS.test(line)) ?? "").trim().slice(0, LINE_CHARS_MAX);

const BOXED = /\\boxed\{([^{}]*)\}/;
const AROUND = /^[\s*_`#>"'“”„«»‹›「」『』]+|[\s*_`#"'“”«»‹›「」『』.,;:!?。，！？、]+$/gu;

/** AK2. */
function undressed(line: string): string {
  const inner = BOXED.exec(line)?.[1] ?? line;
  return inner
    .replaceAll(AROUND, "")
    .replaceAll(/\\[()[\]]/g, " ")
    .replaceAll(/\s+/g, " ")
    .trim();
}

/** AK5. */
const LED = /^(?:\p{L}+ ?){1,3}[:=] ?(.+)$/u;

/** AK3 and AK4. */
const short = (plain: string): string | undefined => numberKey(plain) ?? letterKey(plain);

const LETTER = /^(?:\(([a-j])\)|([a-j])\)|([a-j]))(?:$| )/;

function letterKey(plain: string): string | undefined {
  const [whole, inside, before, alone] = LETTER.exec(plain) ?? [];
  if (whole === undefined) return undefined;
  // `a horse` is no option.
  return alone !== undefined && plain !== alone ? undefined : (inside ?? before ?? alone);
}

const NUMBER = /^\p{Sc}? ?([-+−]?)\p{Sc}? ?(\d[\d., ']*)(?: ?(%)| ?\p{Sc})?$/u;

function numberKey(plain: string): string | undefined {
  const [, sign, digits, percent] = NUMBER.exec(plain) ?? [];
  if (digits === undefined) return undefined;
  const value = decimal(digits.trim());
  if (value === undefined) return undefined;
  const [whole, fraction] = value.split(".");
  const trimmed = (fraction ?? "").replace(/0+$/, "");
  const amount = `${(whole ?? "").replace(/^0+(?=\d)/, "")}${trimmed === "" ? "" : `.${trimmed}`}`;
  const negative = (sign === "-" || sign === "−") && amount !== "0" ? "-" : "";
  return `${negative}${amount}${percent ?? ""}`;
}

/** Grouped in threes by one sign, with another before the fraction; undefined where it is no such number. */
function decimal(digits: string): string | undefined {
  if (/^\d+$/.test(digits)) return digits;
  if (/^\d{1,3}(?:,\d{3})+(?:\.\d+)?$/.test(digits)) return digits.replaceAll(",", "");
  if (/^\d{1,3}(?:[ ']\d{3})+(?:[.,]\d+)?$/.test(digits)) return digits.replaceAll(/[ ']/g, "").replace(",", ".");
  if (/^\d{1,3}(?:\.\d{3}){2,}(?:,\d+)?$|^\d{1,3}\.\d{3},\d+$/.test(digits)) {
    return digits.replaceAll(".", "").replace(",", ".");
  }
  return /^\d+[.,]\d+$/.test(digits) ? digits.replace(",", ".") : undefined;
}
