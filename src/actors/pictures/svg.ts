/**
 * A chart as SVG, in light and in dark: the states one below the other, and a lane on the right for each that is
 * entered.
 *
 * What leaves a state joins the lane of where it goes, so that everything that leads to a state is one line with one
 * arrowhead. The same chart is the same bytes on every machine.
 *
 * @module
 */
import type { Chart } from "./chart.ts";
import { type Box, type Layout, layoutOf, PAD, ROW, widthOf } from "./layout.ts";

const LANE = 16;
const LABEL_GAP = 14;
/** Lanes side by side differ; mid-tones, that can be read on white and on black. */
const COLOURS = ["#2f7fd1", "#d9622b", "#2f9e5f", "#b0509f", "#b58900", "#7a6ff0"];

const STYLE = `<style>
  svg { background: #ffffff; }
  text { font: 12px ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace; fill: #1d2733; white-space: pre; }
  .name { font-weight: bold; }
  .line { fill: #55616f; }
  .box { fill: #f3f6f9; stroke: #8a97a6; }
  .frame { fill: none; stroke: #8a97a6; stroke-dasharray: 4 3; }
  .start { fill: #55616f; stroke: #55616f; }
  .lane { fill: none; stroke-width: 1.4; }
  @media (prefers-color-scheme: dark) {
    svg { background: #14191f; }
    text { fill: #e4e9ef; }
    .line { fill: #a3afbc; }
    .box { fill: #1f2730; stroke: #65717f; }
    .frame { stroke: #65717f; }
    .start { fill: #a3afbc; stroke: #a3afbc; }
  }
</style>`;

export function svg(chart: Chart): string {
  const layout = layoutOf(chart);
  const labelsFrom = layout.right + LABEL_GAP;
  const labelsTo = Math.max(
    ...layout.boxes.flatMap(({ exits }) => exits.map(({ label }) => labelsFrom + widthOf(label))),
  );
  const entered = layout.boxes.filter(({ entryY }) => entryY !== undefined);
  const laneX = (index: number): number => labelsTo + LABEL_GAP + index * LANE;
  const width = laneX(entered.length) + PAD;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${layout.bottom}" ` +
      `viewBox="0 0 ${width} ${layout.bottom}" role="img" aria-label="${escaped(`The states of the ${chart.name}`)}">`,
    STYLE,
    ...layout.boxes.map(drawBox),
    ...layout.boxes.flatMap((box) => drawStart(box, layout)),
    ...entered.map((box, index) => drawLane(box, layout, laneX(index), COLOURS[index % COLOURS.length] ?? "")),
    ...layout.boxes.flatMap(({ exits }) => exits.map(({ label, y }) => textAt(labelsFrom, y, label, ""))),
    "</svg>",
    "",
  ].join("\n");
}

function drawBox({ state, x, y, width, height, lines }: Box): string {
  const isFrame = state.kind === "machine" || state.kind === "composite";
  const rect = (inset: number): string =>
    `<rect class="${isFrame ? "frame" : "box"}" x="${x + inset}" y="${y + inset}" ` +
    `width="${width - 2 * inset}" height="${height - 2 * inset}" rx="${isFrame ? 10 : 6}"/>`;
  const rowY = (row: number): number => y + PAD / 2 + row * ROW + ROW / 2;
  return [
    rect(0),
    ...(state.kind === "final" ? [rect(3)] : []),
    textAt(x + PAD, rowY(0), state.name, "name"),
    ...lines.map((line, index) => textAt(x + PAD, rowY(index + 1), line, "line")),
  ].join("\n");
}

/** The dot and arrow to where a machine, or a state with others in it, begins. */
function drawStart({ state }: Box, { boxes }: Layout): readonly string[] {
  const first = boxes.find((box) => box.state.id === state.initial);
  if (first === undefined) return [];
  const y = first.y + PAD / 2 + ROW / 2;
  return [
    `<g class="start"><circle cx="${first.x - 17}" cy="${y}" r="4"/><path d="M${first.x - 17} ${y}H${first.x - 6}"/>` +
      `<path d="M${first.x - 1} ${y}l-7 -4v8z"/></g>`,
  ];
}

function drawLane(target: Box, { boxes, right }: Layout, x: number, colour: string): string {
  const y = target.entryY ?? target.y;
  const side = target.x + target.width;
  const joins = boxes.flatMap((box) =>
    box.exits
      .filter(({ to }) => to === target.state.id)
      .map((exit) => ({ y: exit.y, side: box.x + box.width, label: exit.label })),
  );
  const ys = [y, ...joins.map((join) => join.y)];
  return [
    `<g class="lane" stroke="${colour}">`,
    `<path d="M${x} ${Math.min(...ys)}V${Math.max(...ys)}M${x} ${y}H${side + 6}"/>`,
    `<path d="M${side + 1} ${y}l8 -4v8z" fill="${colour}"/>`,
    ...joins.map((join) => {
      const labelEnd = right + LABEL_GAP + widthOf(join.label);
      return (
        `<path d="M${join.side} ${join.y}H${right + LABEL_GAP - 4}M${labelEnd + 2} ${join.y}H${x}"/>` +
        `<circle cx="${x}" cy="${join.y}" r="2.5" fill="${colour}"/>`
      );
    }),
    "</g>",
  ].join("\n");
}

const textAt = (x: number, y: number, text: string, kind: string): string =>
  `<text x="${x}" y="${y + 4}"${kind === "" ? "" : ` class="${kind}"`} xml:space="preserve">${escaped(text)}</text>`;

const escaped = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
