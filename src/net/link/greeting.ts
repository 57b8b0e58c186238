/**
 * Finding out whether a machine would be linked, without linking it: the handshake up to the word that would.
 *
 *  GR1 Nothing changes on either side: who dials is the last to welcome (LK6 of link.ts), and here never does.
 *
 * @module
 */
import type { IncomingMessage } from "node:http";
import type { WebSocket } from "ws";
import { errorBody } from "../../protocol/api.ts";
import { type ErrorData, errorData, isErrorCode, RbeeError } from "../../protocol/errors.ts";
import { jsonOf } from "../../protocol/json.ts";
import { shortAnswer } from "../short-answer.ts";
import { judge } from "./hello.ts";
import { hear, type Hello, say } from "./words.ts";

/** @param ws on its way @returns why she would not be linked, by either side @throws what the way there threw */
export async function greet(ws: WebSocket, self: Hello, queen: string): Promise<ErrorData | undefined> {
  const { promise, resolve, reject } = Promise.withResolvers<ErrorData | undefined>();
  ws.on("error", reject);
  ws.once("open", () => ws.send(say(self)));
  ws.once("close", () => resolve({ code: "link.lost", message: "the connection ended before anything was said" }));
  ws.once("unexpected-response", (_, response: IncomingMessage) => void refusalIn(response).then(resolve, reject));
  ws.on("message", (data: Buffer, isBinary) => {
    const word = isBinary ? undefined : hear(data.toString());
    switch (word?.word) {
      case "hello": {
        const verdict = judge(self, word, { node: queen });
        return verdict.ok ? undefined : resolve(verdict.error);
      }
      case "welcome":
        return resolve(undefined);
      case "refused":
      case "goodbye": {
        const { code, message, details } = word.error;
        return resolve({ code: isErrorCode(code) ? code : "link.handshake", message, ...(details && { details }) });
      }
      case undefined:
        return resolve({ code: "link.handshake", message: "what answers speaks no link" });
    }
  });
  try {
    return await promise;
  } finally {
    ws.terminate();
  }
}

/** What a door says that does not let this machine in. */
async function refusalIn(response: IncomingMessage): Promise<ErrorData> {
  const { statusCode } = response;
  const { data } = errorBody.safeParse(jsonOf(await shortAnswer(response).catch(() => "")));
  if (data !== undefined && isErrorCode(data.error.code)) {
    return errorData(new RbeeError(data.error.code, data.error.message));
  }
  return { code: "link.handshake", message: `what answers is no queen of this version (status ${statusCode})` };
}
