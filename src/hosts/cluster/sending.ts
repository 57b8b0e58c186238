/**
 * Frames onto a link, each by itself where together one of them is too large for it.
 *
 *  SN1 A frame that no link takes holds up none of those it was to go with, and is not sent again. Whoever asked with
 *      it, or waits for it as an answer, is told `request.too.large`.
 *
 * @module
 */
import type { Link, Outgoing } from "../../net/link/link.ts";
import { laneOf } from "../../net/link/mail.ts";
import { type ErrorData, errorData } from "../../protocol/errors.ts";
import type { Frame } from "../../runtime/envelope.ts";

/** @param back takes what the host at the other end says to ours */
export function sendOver(link: Pick<Link, "send">, going: Outgoing, back: (frame: Frame) => void): void {
  for (const lane of ["control", "data"] as const) {
    const frames = going.frames.filter((frame) => laneOf(frame) === lane);
    if (frames.length === 0 || refusalOf(link, { ...going, frames }) === undefined) continue;
    for (const frame of frames) {
      const error = refusalOf(link, { ...going, frames: [frame] });
      if (error !== undefined) refuse(link, { ...going, frames: [frame] }, error, back);
    }
  }
}

/** Of one that is refused nothing has gone. */
function refusalOf(link: Pick<Link, "send">, going: Outgoing): ErrorData | undefined {
  try {
    link.send(going);
    return undefined;
  } catch (thrown) {
    return errorData(thrown);
  }
}

function refuse(link: Pick<Link, "send">, going: Outgoing, error: ErrorData, back: (frame: Frame) => void): void {
  const [frame] = going.frames;
  if (frame?.kind === "answer") {
    return link.send({ ...going, frames: [{ ...frame, result: { ok: false, error } }] });
  }
  if (frame?.kind !== "mail") return;
  const { n, re } = frame.envelope;
  if (n > 0) back({ kind: "ack", ns: [n] });
  if (re !== undefined) back({ kind: "answer", to: re.from, id: re.id, result: { ok: false, error } });
}
