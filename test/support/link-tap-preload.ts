/**
 * Loaded into a node under test with NODE_OPTIONS=--import: what it says over its links is written to a file as well, a
 * line each. The program itself knows nothing of this.
 *
 * @module
 */
import { appendFileSync } from "node:fs";
import { WebSocket } from "ws";

const TAP_VARIABLE = "LINK_TAP";

/** Of a node that is to be listened to. @param file where it is written */
export const tapped = (file: string): Readonly<Record<string, string>> => ({
  NODE_OPTIONS: `--import=${import.meta.url}`,
  [TAP_VARIABLE]: file,
});

const file = process.env[TAP_VARIABLE];
if (file !== undefined) {
  const { send } = WebSocket.prototype;
  WebSocket.prototype.send = function (this: WebSocket, ...given: Parameters<typeof send>): void {
    const [data] = given;
    const said = typeof data === "string" ? { text: data } : { frame: Buffer.from(data as Buffer).toString("base64") };
    appendFileSync(file, `${JSON.stringify(said)}\n`);
    Reflect.apply(send, this, given);
  } as typeof send;
}
