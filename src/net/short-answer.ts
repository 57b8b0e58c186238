/**
 * The body of an answer that is short where all is well: what another machine says is read to a bound.
 *
 *  SA1 No more is read than may be there; what goes on behind that fails, and its connection is cut.
 *
 * @module
 */
import type { IncomingMessage } from "node:http";

/** A refusal, a certificate: more than those has no one to say. */
const BYTES_MAX = 65_536;

/** SA1. @throws where it goes on for too long, or breaks off */
export async function shortAnswer(response: IncomingMessage, bytesMax = BYTES_MAX): Promise<string> {
  const pieces: Buffer[] = [];
  let bytes = 0;
  // Whoever leaves this loop destroys the response.
  for await (const piece of response as AsyncIterable<Buffer>) {
    bytes += piece.length;
    if (bytes > bytesMax) throw new Error("the answer has no end");
    pieces.push(piece);
  }
  return Buffer.concat(pieces).toString();
}
