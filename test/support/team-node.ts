/**
 * The team of a real node, as a client sees it: discussions begun, listened to, spoken into, and exported.
 *
 * @see test/support/node-harness.ts
 * @module
 */
import { type IncomingMessage, request } from "node:http";
import { createParser } from "eventsource-parser";
import type { LogEvent, LogType, Logged } from "../../machines/rules/log.ts";
import type { DiscussionAccepted, DiscussionEvent, DiscussionRequest } from "../../src/protocol/discussion-api.ts";
import type { ExportedSession } from "../../src/protocol/session-api.ts";
import type { TestNode } from "./node-harness.ts";

/** An event as it came, with its `id:`. */
export interface Heard {
  readonly id: string | undefined;
  readonly event: DiscussionEvent;
}

export async function begin(node: TestNode, asked: DiscussionRequest): Promise<DiscussionAccepted> {
  const reply = await node.call("POST", "/v2/discussions", asked);
  if (reply.status !== 202) throw new Error(`not begun: ${reply.status} ${reply.text}`);
  return reply.json() as DiscussionAccepted;
}

/** Until its end, or until the connection breaks or the caller leaves. */
export async function* listen(
  { socketPath }: TestNode,
  discussion: string,
  lastEventId?: number,
): AsyncGenerator<Heard> {
  const headers = lastEventId === undefined ? {} : { "last-event-id": String(lastEventId) };
  const path = `/v2/discussions/${discussion}/events`;
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    request({ socketPath, path, headers, agent: false }, (answer) => {
      if (answer.statusCode === 200) resolve(answer.setEncoding("utf8"));
      else reject(new Error(`no stream: ${answer.statusCode}`));
    })
      .once("error", reject)
      .end();
  });
  const heard: Heard[] = [];
  const parser = createParser({
    onEvent({ id, data }) {
      heard.push({ id, event: JSON.parse(data) as DiscussionEvent });
    },
  });
  try {
    for await (const piece of response) {
      parser.feed(String(piece));
      yield* heard.splice(0);
    }
  } catch {
    // A connection that broke: the stream has no end.
  } finally {
    response.destroy();
  }
}

/** Everything that is said from an event on, to its end. */
export async function hearOut(node: TestNode, discussion: string, lastEventId?: number): Promise<readonly Heard[]> {
  const all: Heard[] = [];
  for await (const one of listen(node, discussion, lastEventId)) all.push(one);
  return all;
}

/** Leaves behind the first event of a type. @returns all up to it */
export async function hearUntil(node: TestNode, discussion: string, type: LogType): Promise<readonly Heard[]> {
  const all: Heard[] = [];
  for await (const one of listen(node, discussion)) {
    all.push(one);
    if (one.event.type === type) break;
  }
  return all;
}

export const logIn = (heard: readonly Heard[]): readonly LogEvent[] =>
  heard.flatMap(({ event }) => (event.type === "token" ? [] : [event]));

export const ofType = <Type extends LogType>(log: readonly LogEvent[], type: Type): readonly Logged<Type>[] =>
  log.filter((event): event is Logged<Type> => event.type === type);

export const exported = async (node: TestNode, session: string): Promise<ExportedSession> =>
  (await node.call("GET", `/v2/sessions/${session}`)).json() as ExportedSession;
