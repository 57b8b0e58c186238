/**
 * Mutants of what the starter is taught of a discussion.
 *
 * @module
 */
import { PLAYED } from "./killers.ts";
import type { Mutant } from "./mutant.ts";

const FILE = "tools/starter/corpus/played.ts";

export const starter: readonly Mutant[] = [
  {
    name: "a-lesson-without-its-frame",
    rule: "P1",
    breaks: "the starter is taught to answer what the program never asks",
    file: FILE,
    find: `system: system?.content ?? "",`,
    replace: `system: "",`,
    killers: [PLAYED],
  },
  {
    name: "mistakes-are-taught",
    rule: "P2",
    breaks: "the starter learns to say what is wrong",
    file: FILE,
    find: `const words = teacher.contribution(chance, open.agent, seen);`,
    replace: `const words = { text: subject.mistake ?? "" };`,
    killers: [PLAYED],
  },
  {
    name: "a-ballot-surer-than-sure",
    rule: "P3",
    breaks: "the starter learns ballots that the program cannot count",
    file: FILE,
    find: `JSON.stringify({ choice, sure })`,
    replace: `JSON.stringify({ choice, sure: sure * 10 })`,
    killers: [PLAYED],
  },
];
