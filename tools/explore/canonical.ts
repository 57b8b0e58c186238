/**
 * Names that do not depend on how a state was reached.
 *
 * A host makes fresh names from its step counter, so two ways to the same state differ in nothing but numbers. Here the
 * numbers of one turn are replaced: jobs and workers are counted by birth, asks by the generation of their slot.
 *
 *  N1 Every number that a turn made is ten digits long and begins with 7: nothing else in a state looks so.
 *  N2 An ask of a slot that was asked before gets another name, for so many generations that none of the older ones
 *     can still be under way.
 *
 * @module
 */

/** Where the step counter of a host stands when a turn begins. */
export const SERIAL_BASE = 7_000_000_000;

const GENERATIONS = 4;
const FRESH = /7\d{9}/g;
const BORN = /\b([jw])(7\d{9})\b/g;
const ADMITTED = /"seq":(7\d{9})/g;
/** The name of an ask ends with it. */
const ASKED = /@(7\d{9})/;

export interface Counters {
  /** Jobs and workers that were ever named. */
  readonly births: { readonly j: number; readonly w: number };
  /** The last generation of each slot of a cell that lives. */
  readonly generations: Readonly<Record<string, number>>;
}

export const NO_COUNTERS: Counters = { births: { j: 0, w: 0 }, generations: {} };

/** @returns the text with every fresh number replaced, and the counters after it. */
export function renamed(text: string, before: Counters): { readonly text: string; readonly counters: Counters } {
  if (text.search(FRESH) === -1) return { text, counters: before };
  const births = { ...before.births };
  const born = new Map<string, number>();
  const found = [...text.matchAll(BORN)].map(([, kind, serial]) => [kind, serial] as ["j" | "w", string]);
  for (const [kind, serial] of found.toSorted(([, a], [, b]) => (a < b ? -1 : 1))) {
    if (!born.has(serial)) born.set(serial, (births[kind] += 1));
  }
  const counted = text
    .replace(ADMITTED, (_all, serial: string) => `"seq":${born.get(serial) ?? 0}`)
    .replace(BORN, (_all, kind: string, serial: string) => `${kind}${born.get(serial)}`);
  const asked = askNames(counted, before.generations);
  return { text: asked.text.replace(FRESH, "0"), counters: { births, generations: asked.generations } };
}

function askNames(text: string, before: Counters["generations"]) {
  const pieces = text.split(ASKED);
  const slots = new Map<string, string>();
  for (let i = 1; i < pieces.length; i += 2) slots.set(pieces[i] as string, slotBefore(pieces[i - 1] as string));
  const generations = { ...before };
  const names = new Map<string, number>();
  for (const [serial, slot] of [...slots].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    generations[slot] = ((generations[slot] ?? -1) + 1) % GENERATIONS;
    names.set(serial, generations[slot]);
  }
  return { text: pieces.map((piece, i) => (i % 2 === 0 ? piece : `@${names.get(piece)}`)).join(""), generations };
}

/** `queen/queen/main#load/w1`, the end of a quoted string; as the key of a row it has a letter before it. */
function slotBefore(piece: string): string {
  const quoted = piece.slice(piece.lastIndexOf('"') + 1);
  return quoted.startsWith("a/") ? quoted.slice(2) : quoted;
}
