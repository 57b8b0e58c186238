/**
 * Reads the texts of the corpus: questions and answers, kept in plain files so that anybody can add to them.
 *
 * A file is sections. `# name` opens one, `= answer` is what all its questions deserve, `! question` is held out for
 * the examination, and every other line is trained on. A lone `-` is the empty text, `\n` in a line a line break.
 *   T1 No section holds the same template on both sides of the wall.
 *
 * @module
 */
import { readdirSync, readFileSync } from "node:fs";
import { expansions, normalised, type Phrasings } from "./phrase.ts";

export interface Section extends Phrasings {
  readonly name: string;
  /** "" where the section has none. */
  readonly answer: string;
}

export interface TextFile {
  readonly sections: readonly Section[];
  readonly section: (name: string) => Section;
}

const FOLDER = new URL("./text/", import.meta.url);

/** Every longer word of the texts that is not held out: what is copied must be able to be any of them. */
export const EVERYDAY_WORDS: readonly string[] = [
  ...new Set(
    readdirSync(FOLDER)
      .toSorted()
      .flatMap((file) => readFileSync(new URL(file, FOLDER), "utf8").split("\n"))
      .filter((line) => !line.startsWith("! "))
      .flatMap((line) => line.match(/(?<![\p{L}{/])\p{Ll}{3,}(?![\p{L}}])/gu) ?? []),
  ),
];

export function readTexts(file: string): TextFile {
  const sections = parseSections(readFileSync(new URL(`${file}.txt`, FOLDER), "utf8"));
  const section = (name: string): Section => {
    const found = sections.find((candidate) => candidate.name === name);
    if (found === undefined) throw new RangeError(`${file}.txt has no section "${name}"`);
    return found;
  };
  return { sections, section };
}

/** @throws RangeError if a template stands on both sides of the wall. */
export function parseSections(text: string): Section[] {
  return text
    .split(/^# /m)
    .slice(1)
    .map((block) => {
      const [name = "", ...lines] = block.split("\n").map((line) => line.trim());
      const said = lines.filter((line) => line !== "" && !line.startsWith("= "));
      const answer = lines.find((line) => line.startsWith("= "))?.slice(2) ?? "";
      const train = said.filter((line) => !line.startsWith("! ")).map(unescaped);
      const heldOut = said.filter((line) => line.startsWith("! ")).map((line) => unescaped(line.slice(2)));
      const trained = new Set(train.flatMap(expansions).map(normalised));
      const both = heldOut.flatMap(expansions).find((template) => trained.has(normalised(template)));
      if (both !== undefined) throw new RangeError(`"${both}" of section "${name}" is both trained on and held out`);
      return { name, answer, train, heldOut };
    });
}

const unescaped = (line: string): string => (line === "-" ? "" : line.replaceAll("\\n", "\n"));
