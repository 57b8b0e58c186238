/**
 * Colours of the team at a terminal that has some.
 *
 *  PA1 Without colour nothing is written but the text: what is said is never said by a colour alone.
 *
 * @module
 */
import { styleText } from "node:util";

export type Paint = (text: string) => string;

export interface Screen {
  readonly columns: number;
  readonly hasColours: boolean;
}

export interface Palette {
  /** A thinker's own, by the name that its file gives. */
  thinker(colour: string): Paint;
  readonly dim: Paint;
  readonly strong: Paint;
  readonly answer: Paint;
}

const NAMED = {
  blue: "blue",
  green: "green",
  red: "red",
  yellow: "yellow",
  magenta: "magenta",
  purple: "magenta",
  cyan: "cyan",
  teal: "cyan",
  orange: "redBright",
  pink: "magentaBright",
  lime: "greenBright",
  white: "white",
  gray: "gray",
  grey: "gray",
} as const;

const isNamed = (colour: string): colour is keyof typeof NAMED => Object.hasOwn(NAMED, colour);

const as =
  (...format: Extract<Parameters<typeof styleText>[0], readonly unknown[]>): Paint =>
  (text) =>
    styleText(format, text, { validateStream: false });

const asIs: Paint = (text) => text;
const NO_COLOURS: Palette = { thinker: () => asIs, dim: asIs, strong: asIs, answer: asIs };
const COLOURS: Palette = {
  thinker: (colour) => as("bold", isNamed(colour) ? NAMED[colour] : "cyan"),
  dim: as("dim"),
  strong: as("bold"),
  answer: as("yellow"),
};

export const palette = ({ hasColours }: Screen): Palette => (hasColours ? COLOURS : NO_COLOURS);
