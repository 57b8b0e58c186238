/**
 * A door as a hostile client sees it: an address to throw bytes at, and what came back of them.
 *
 * @module
 */
import { connect } from "node:net";

/** After so long without a word the other side is taken to wait for more. */
const QUIET_MS = 300;
const LONGEST_MS = 10_000;

/**
 * Sends the pieces one after the other and hears the answer, until the door ends the connection or has nothing to say.
 * @param end whether it is said that nothing more comes; a half-open connection says nothing
 */
export function throwAt(port: number, pieces: readonly Uint8Array[], end: boolean): Promise<string> {
  return new Promise((resolve) => {
    let heard = "";
    const socket = connect({ host: "127.0.0.1", port, allowHalfOpen: true });
    const over = (): void => {
      clearTimeout(longest);
      socket.destroy();
      resolve(heard);
    };
    const longest = setTimeout(over, LONGEST_MS);
    socket.setTimeout(QUIET_MS, over);
    socket.on("data", (bytes: Buffer) => (heard += bytes.toString("latin1")));
    socket.on("error", over).on("end", over).on("close", over);
    const [...left] = pieces;
    const next = (): void => {
      const piece = left.shift();
      if (piece !== undefined) socket.write(piece, () => setImmediate(next));
      else if (end) socket.end();
    };
    socket.once("connect", next);
  });
}

/** Status and body of each response in what was heard. */
export function responsesIn(heard: string): readonly { readonly status: number; readonly body: string }[] {
  const parts = heard.split(/(?=HTTP\/1\.1 \d{3} )/);
  return parts.flatMap((part) => {
    const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(part)?.[1]);
    const at = part.indexOf("\r\n\r\n");
    return Number.isNaN(status) ? [] : [{ status, body: at === -1 ? "" : part.slice(at + 4) }];
  });
}
