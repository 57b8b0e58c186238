/**
 * Rewrites the pictures in machines/README.md, so that they are what the code is.
 *
 * A block of Mermaid below the heading of a machine is that machine's. By hand: `node tools/pictures.ts`. A test holds
 * that there is nothing to rewrite.
 *
 * @module
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { machineNames, picture } from "../src/actors/pictures.ts";

export const README_PATH = join(import.meta.dirname, "..", "machines", "README.md");

const BLOCK = /(^## (\w+)$(?:(?!^## )[^])*?^```mermaid\n)(?:[^](?!^```))*[^](^```$)/gm;

/** The same text with every picture drawn anew. @throws when a machine has no picture to redraw */
export function redrawn(text: string): string {
  const found: string[] = [];
  const made = text.replaceAll(BLOCK, (_all, start: string, name: string, end: string) => {
    found.push(name);
    return `${start}${picture(name, "mermaid")}${end}`;
  });
  const missing = machineNames.filter((name) => !found.includes(name));
  if (missing.length > 0) throw new Error(`machines/README.md has no picture of ${missing.join(", ")}`);
  return made;
}

if (import.meta.main) {
  const before = readFileSync(README_PATH, "utf8");
  const after = redrawn(before);
  if (after !== before) writeFileSync(README_PATH, after);
  console.error(after === before ? "the pictures are up to date" : "the pictures are redrawn");
}
