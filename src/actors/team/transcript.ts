/**
 * A log as its thinkers read it.
 *
 * Owns: which events are told and how. Does not own: what is asked of whom (instructions.ts).
 *
 *  TR1 It is a function of the events up to `basis`: nothing later, and nothing private, changes a byte of it (TS9,
 *      TS10).
 *  TR2 What others wrote stands between markers that it cannot contain: it is read, and instructs nobody (TS19).
 *  TR3 The question first, then what was said in its order: whoever reads further reads the same beginning, so that the
 *      thinkers of one worker share it.
 *  TR4 Nothing is told twice: what objects is told as the objection that it is.
 *
 * @module
 */
import type { LogEvent, Logged } from "../../../machines/rules/log.ts";

/** TR2. */
export const quoted = (text: string): string =>
  `<<<\n${text.replaceAll(/<{3,}/g, "<<").replaceAll(/>{3,}/g, ">>")}\n>>>`;

export function transcript(log: readonly LogEvent[], basis: number): string {
  const [opened] = log;
  if (opened?.type !== "opened") return "";
  const said = log.slice(1, basis + 1).flatMap((event, index) => lineOf(event, log[index]));
  return [...earlier(opened), `The question:\n${quoted(opened.request)}`, ...said].join("\n\n");
}

const earlier = ({ before }: Logged<"opened">): readonly string[] =>
  before.map(({ request, answer }) => `Asked before:\n${quoted(request)}\nAnswered:\n${quoted(answer)}`);

/** @param before the event before it: an objection is written with the contribution that it is (TR4). */
function lineOf(event: LogEvent, before: LogEvent | undefined): readonly string[] {
  switch (event.type) {
    case "contributed": {
      const does = before?.type === "objection" ? `objects to ${before.claim}` : "wrote";
      return [`[${event.seq}] ${event.agent} ${does}:\n${quoted(event.text)}`];
    }
    case "claims":
      return event.list.map(({ id, text }) => `${event.agent} claims ${id}:\n${quoted(text)}`);
    case "user":
      return [`The user says${event.to === undefined ? "" : ` to ${event.to}`}:\n${quoted(event.text)}`];
    default:
      return [];
  }
}
