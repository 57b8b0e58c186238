/**
 * Where each state of a chart stands, and each line of text in it: the geometry of the SVG, in its units.
 *
 * States stand one below the other, those within another inside it. What leaves a state has a row of its own at its
 * right side, and what comes in has the first row, so that no two labels can ever meet.
 *
 * @module
 */
import { type Chart, type ChartState, type ChartTransition, isIgnored, triggerText } from "./chart.ts";

export const ROW = 18;
export const PAD = 10;
const GAP = 14;
const INDENT = 30;
const MARGIN = 12;
/** Of the font, which has a fixed width. */
const CHAR_WIDTH = 7.23;
const LINE_CHARS = 52;
/** A state within another ends so much before it. */
const INSET = 8;

export interface Box {
  readonly state: ChartState;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  /** What it does on its way in and out and while it stays. */
  readonly lines: readonly string[];
  readonly exits: readonly Exit[];
  /** The row where what leads here comes in, when anything does. */
  readonly entryY: number | undefined;
}

export interface Exit {
  readonly to: string;
  readonly label: string;
  readonly y: number;
}

export interface Layout {
  readonly boxes: readonly Box[];
  /** The right side of the outermost box. */
  readonly right: number;
  readonly bottom: number;
}

export const widthOf = (text: string): number => Math.ceil(text.length * CHAR_WIDTH);

interface Placed {
  readonly state: ChartState;
  readonly x: number;
  readonly y: number;
  readonly height: number;
  readonly lines: readonly string[];
}

export function layoutOf(chart: Chart): Layout {
  const placed: Placed[] = [];
  const bottom = place(chart, chart.name, MARGIN, placed);
  const right = Math.max(
    ...placed.map(
      ({ state, x, lines }) => x + PAD + Math.max(...[state.name, ...lines].map(widthOf)) + PAD + state.depth * INSET,
    ),
  );
  const boxes = placed.map((box): Box => {
    const { state, x, y } = box;
    const rowY = (row: number): number => y + PAD / 2 + row * ROW + ROW / 2;
    const isEntered = chart.transitions.some(({ to }) => to === state.id);
    const exits = exitsOf(chart, state.id).map(({ to, label }, index) => ({
      to,
      label,
      y: rowY(index + (isEntered ? 1 : 0)),
    }));
    return { ...box, width: right - state.depth * INSET - x, exits, entryY: isEntered ? rowY(0) : undefined };
  });
  return { boxes, right, bottom: bottom + MARGIN };
}

/** Places a state and all within it. @returns where it ends */
function place(chart: Chart, id: string, y: number, placed: Placed[]): number {
  const state = chart.states.find((each) => each.id === id);
  if (state === undefined) return y;
  const lines = linesOf(chart, state);
  const isEntered = chart.transitions.some(({ to }) => to === id);
  const rows = Math.max(1 + lines.length, exitsOf(chart, id).length + (isEntered ? 1 : 0));
  const at = placed.push({ state, x: MARGIN + state.depth * INDENT, y, height: 0, lines }) - 1;
  let end = y + PAD + rows * ROW;
  const children = chart.states.filter(({ parent }) => parent === id);
  for (const [index, child] of children.entries())
    end = place(chart, child.id, end + (index === 0 ? PAD / 2 : GAP), placed);
  if (children.length > 0) end += PAD;
  placed[at] = { state, x: MARGIN + state.depth * INDENT, y, height: end - y, lines };
  return end;
}

/** What leads from this state to one place is one row. */
function exitsOf(chart: Chart, id: string): readonly { readonly to: string; readonly label: string }[] {
  return chart.transitions
    .filter(({ from }) => from === id)
    .flatMap((transition) => (transition.to === undefined ? [] : [{ to: transition.to, label: labelOf(transition) }]));
}

function linesOf({ transitions }: Chart, { id, entry, exit }: ChartState): readonly string[] {
  const stays = transitions.filter(({ from, to }) => from === id && to === undefined);
  const ignored = stays.filter(isIgnored).map(({ trigger }) => triggerText(trigger));
  return [
    ...(entry.length === 0 ? [] : broken("entry / ", entry)),
    ...(exit.length === 0 ? [] : broken("exit / ", exit)),
    ...stays.filter((stay) => !isIgnored(stay)).map(labelOf),
    ...(ignored.length === 0 ? [] : broken("ignores ", ignored)),
  ];
}

/** A list over as many lines as it needs. */
function broken(start: string, words: readonly string[]): readonly string[] {
  const lines = [start];
  for (const [index, word] of words.entries()) {
    const text = index === words.length - 1 ? word : `${word}, `;
    const line = lines.at(-1) ?? "";
    if (line.length + text.length > LINE_CHARS) lines.push(`    ${text}`);
    else lines[lines.length - 1] = line + text;
  }
  return lines;
}

function labelOf({ trigger, guard, actions }: ChartTransition): string {
  const condition = guard === undefined ? "" : ` [${guard}]`;
  return `${triggerText(trigger)}${condition}${actions.length === 0 ? "" : ` / ${actions.join(", ")}`}`;
}
