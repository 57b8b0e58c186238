/**
 * A session as a document: for a person who reads it later.
 *
 *  EX1 It holds every word that was said, who said it and how it ended; a terminal's commands in it are taken out.
 *
 * @module
 */
import type { LogEvent } from "../../../machines/rules/log.ts";
import { begun, fold } from "../../../machines/rules/standing.ts";
import type { ExportedSession } from "../../protocol/session-api.ts";
import { plain } from "./plain.ts";
import { linesOf } from "./told.ts";

const COLUMNS = 80;

/** As it was shown, without colour. */
export const transcriptOf = ({ earlier, ...last }: ExportedSession): string =>
  [...earlier, last].map(({ request, log }) => `> ${plain(request)}\n\n${shown(log)}\n`).join("\n");

function shown([opened, ...rest]: readonly LogEvent[]): string {
  if (opened?.type !== "opened") return "";
  const standing = begun(opened);
  const lines = [...linesOf(standing, opened, SCREEN)];
  for (const event of rest) {
    fold(standing, event);
    lines.push(...linesOf(standing, event, SCREEN));
  }
  // A panel tells what the team came to; alone and in a vote the answer is all there is.
  const final = rest.findLast(({ type }) => type === "final");
  if (final?.type === "final" && opened.mode !== "discuss") lines.push(plain(final.text));
  return lines.join("\n");
}

const SCREEN = { columns: COLUMNS, hasColours: false };

/** EX1. */
export function markdownOf({ session, earlier, ...last }: ExportedSession): string {
  const parts = [...earlier, last].map(({ request, mode, log, hash }) =>
    [`## ${plain(request).trim()}`, `*${mode}*`, ...log.flatMap(paragraph), `sha256 \`${hash}\``].join("\n\n"),
  );
  return `# Session ${session}\n\n${parts.join("\n\n")}\n`;
}

function paragraph(event: LogEvent): readonly string[] {
  switch (event.type) {
    case "contributed":
      return [`**${event.agent}** [${event.seq}]: ${plain(event.text)}`];
    case "objection":
      return [`**${event.agent}** objects to ${event.claim} ("${plain(event.quote)}"): ${plain(event.error)}`];
    case "passed":
      return [`*${event.agent} passes: ${plain(event.why)}*`];
    case "failed":
      return [`*${event.agent} failed: ${event.kind}*`];
    case "user":
      return [`**you**${event.to === undefined ? "" : ` to ${event.to}`}: ${plain(event.text)}`];
    case "ballot":
      return [`*${event.agent} votes for ${plain(event.option)}*`];
    case "final":
      return [
        ...(event.by === "contribution" ? [] : ["### Answer", plain(event.text)]),
        ...event.minority.map(({ agent, text }) => `*${agent} holds against it: ${plain(text)}*`),
      ];
    default:
      return [];
  }
}
