/**
 * Asking the door of the queen's machine from within the cluster: over the node's own socket, or with the certificate
 * of a machine that has joined.
 *
 * Owns: the connection, bounds on its silence. Does not own: what is asked.
 *
 *  CO1 What does not answer, or falls silent, fails as `machine.away`; a refusal keeps its own code.
 *
 * @module
 */
import { type IncomingMessage, request as plainRequest, type RequestOptions } from "node:http";
import { request as tlsRequest } from "node:https";
import { errorBody } from "../protocol/api.ts";
import { type ErrorCode, isErrorCode, RbeeError } from "../protocol/errors.ts";
import { jsonOf } from "../protocol/json.ts";
import { placeOf } from "./authority/place.ts";
import { shortAnswer } from "./short-answer.ts";

export type ClusterDoor =
  | { readonly socketPath: string }
  /** PEM. */
  | { readonly url: string; readonly ca: string; readonly cert: string; readonly key: string };

export interface DoorCall {
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
  /** Without a byte for so long it counts as gone. */
  readonly silentMs: number;
}

/** CO1. @returns the head of an answer that is no refusal; who asks reads or destroys its body */
export async function askClusterDoor(door: ClusterDoor, call: DoorCall): Promise<IncomingMessage> {
  const response = await send(door, call);
  const status = response.statusCode ?? 0;
  if (status >= 200 && status < 300) return response;
  const said = errorBody.safeParse(jsonOf(await shortAnswer(response).catch(() => "")));
  const code: ErrorCode = said.success && isErrorCode(said.data.error.code) ? said.data.error.code : "machine.away";
  throw new RbeeError(code, said.success ? said.data.error.message : `it answers with status ${status}`);
}

/** CO1. What breaks off is away, unless nobody wants it any more. */
export async function* bodyOf(response: IncomingMessage, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  try {
    for await (const piece of response) yield piece as Uint8Array;
  } catch (thrown) {
    throw signal.aborted ? signal.reason : away(thrown);
  } finally {
    response.destroy();
  }
}

function send(door: ClusterDoor, { path, headers, signal, silentMs }: DoorCall): Promise<IncomingMessage> {
  const common: RequestOptions = { path, ...(headers && { headers: { ...headers } }), agent: false, signal };
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const sent =
    "url" in door
      ? tlsRequest({ ...common, ...placeOf(new URL(door.url)), ca: door.ca, cert: door.cert, key: door.key }, resolve)
      : plainRequest({ ...common, socketPath: door.socketPath }, resolve);
  sent.setTimeout(silentMs, () => sent.destroy(new Error(`silent for ${silentMs / 1_000} s`)));
  sent.once("error", (thrown) => reject(signal.aborted ? signal.reason : away(thrown))).end();
  return promise;
}

const away = (thrown: unknown): RbeeError =>
  new RbeeError("machine.away", `the way to another machine broke: ${thrown instanceof Error ? thrown.message : ""}`);
