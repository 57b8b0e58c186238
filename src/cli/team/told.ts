/**
 * What one event of a discussion looks like, in lines that stay.
 *
 * Owns: which events have lines, and which. Does not own: the words of the short ones (words.ts), what is drawn anew
 * while they talk (live.ts), the answer (panel.ts).
 *
 *  TO1 Every line fits the screen, whatever was said, and says the same without colour.
 *  TO2 What speaks for itself has no line: who was granted a turn, a vote's opening, the ballot of a sample.
 *  TO3 A pass and a turn that came to nothing are one line each, with their reason; a failure says all of its own.
 *  TO4 Who is alone with the question just answers: nothing is told about it.
 *
 * @module
 */
import type { LogEvent, Logged } from "../../../machines/rules/log.ts";
import type { Standing } from "../../../machines/rules/standing.ts";
import { shortModel } from "../terminal/status-text.ts";
import { headOf, widthOf, wrapTo } from "./columns.ts";
import { type Paint, type Palette, palette, type Screen } from "./paint.ts";
import { answerPanel } from "./panel.ts";
import { plain, plainLine } from "./plain.ts";
import { asideText, MODE_TEXTS, percent, worthText } from "./words.ts";

const INDENT = "  ";
/** Whatever a server says for a reason. */
const FAILURE_COLUMNS_MAX = 300;

/** @param standing how it stands behind the event */
export function linesOf(standing: Standing, event: LogEvent, screen: Screen): readonly string[] {
  const { mode } = standing.opened;
  if (mode === "alone") return []; // TO4
  const told = new Telling(standing, screen);
  switch (event.type) {
    case "opened":
      return told.aside(`${MODE_TEXTS[mode]}: ${event.why}`);
    case "contributed":
      return mode === "vote" ? told.sample(event) : told.contribution(event);
    case "claims":
      return event.list.flatMap(({ id, text }) => told.aside(`${id}: ${text}`, 2));
    case "objection":
      return told.objection(event);
    case "user":
      return told.speech(event.to === undefined ? "you" : `you to ${event.to}`, told.palette.strong, event.text);
    case "ballot":
      // A sample is its author's ballot, and was told.
      return mode === "vote" ? [] : told.aside(asideText(standing, event) ?? "");
    case "final":
      // A failure, which is told as one.
      if (standing.contributions.length === 0) return [];
      return mode === "vote" ? told.aside(worthText(standing, event)) : answerPanel(standing, event, screen);
    case "failed":
      return told.failure(asideText(standing, event) ?? "");
    default:
      return told.aside(asideText(standing, event) ?? "");
  }
}

class Telling {
  readonly palette: Palette;
  readonly #standing: Standing;
  readonly #columns: number;

  constructor(standing: Standing, screen: Screen) {
    this.#standing = standing;
    this.#columns = screen.columns - 1;
    this.palette = palette(screen);
  }

  aside(text: string, depth = 1): readonly string[] {
    return text === "" ? [] : [this.palette.dim(headOf(INDENT.repeat(depth) + plainLine(text), this.#columns))];
  }

  /** TO3. */
  failure(text: string): readonly string[] {
    const lines = wrapTo(headOf(plainLine(text), FAILURE_COLUMNS_MAX), this.#columns - INDENT.length);
    return lines.map((line) => this.palette.dim(INDENT + line));
  }

  /** What was an objection has been told as one. */
  contribution({ agent, basis, text, turn }: Logged<"contributed">): readonly string[] {
    const { opened, objections, contributions } = this.#standing;
    const hasReadNobody = contributions.every(({ seq }) => seq > basis);
    if (objections.some((its) => its.turn === turn && its.error === text)) return [];
    const draft = hasReadNobody && opened.config.style === "structured" ? ", a sealed draft" : "";
    return this.speech(this.#numbered(agent, 0), this.#colourOf(agent), text, draft);
  }

  /** One of a vote. */
  sample({ agent, text, source, conf }: Logged<"contributed">): readonly string[] {
    const sure = conf === undefined ? "" : ` (${percent(conf)} sure)`;
    const head = `${agent}, ${shortModel(source.model)}${sure}: `;
    return this.aside(head + text);
  }

  objection({ agent, claim, quote, error }: Logged<"objection">): readonly string[] {
    const name = this.#numbered(agent, 1);
    return [
      ...this.speech(name, this.#colourOf(agent), `"${plainLine(quote)}"`, ` objects to ${plainLine(claim)}`),
      ...this.#indented(error),
    ];
  }

  /** `divergent 2`. @param ahead what is being said now is not counted yet */
  #numbered(agent: string, ahead: 0 | 1): string {
    return `${agent} ${(this.#standing.thinkers.get(agent)?.contributed ?? 1) + ahead}`;
  }

  #colourOf(agent: string): Paint {
    return this.palette.thinker(this.#standing.opened.agents.find(({ name }) => name === agent)?.colour ?? "");
  }

  speech(name: string, paint: Paint, text: string, behind = ""): readonly string[] {
    const head = headOf(plainLine(name), this.#columns);
    const tail = headOf(behind, this.#columns - widthOf(head));
    return [paint(head) + this.palette.dim(tail), ...this.#indented(text)];
  }

  #indented(text: string): readonly string[] {
    const lines = wrapTo(plain(text).trim(), this.#columns - INDENT.length);
    return lines.map((line) => (line === "" ? "" : INDENT + line));
  }
}
