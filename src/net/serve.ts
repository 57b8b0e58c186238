/**
 * The HTTP server of a node, hive or worker: routes in, JSON or streams of events out.
 *
 * Owns what every door shares: listening, who may call (`guard.ts`), limits, and errors in rbee's dialect.
 * Does not own what a route says or means.
 *
 *  S1 Every refusal and failure is an error body of src/protocol/api.ts with the status of its code, also for what is
 *     no request at all.
 *  S2 Everything is bounded: connections, header and body bytes, the time to send a request, calls of one connection
 *     (`pipeline.ts`), what a stream buffers, how long an answer that nobody reads is kept.
 *  S3 A client that goes away aborts its call, whichever of its calls was to be answered first. One that only closed
 *     its side is answered (`half-closed.ts`).
 *  S4 The same routes are served at every place, TCP or socket file.
 *  S5 Every answer carries the name of its request, where its dialect looks for it too, and so does every error in its
 *     body.
 *  S6 Once the server is to close, each answer ends its connection: no client counts on it for its next request. When
 *     what runs is answered, it is closed: who has asked nothing holds up nothing, and who does not finish asking only
 *     for as long as at any other time.
 *  S7 Who is refused for now is told when to come back: with every 429, and every 503 that waiting helps. Whom asking
 *     again does not help is told that too: OpenAI's and Anthropic's clients ask again after any 5xx by themselves.
 *  S8 Where others reach it a door speaks TLS alone, and does not open without. On loopback it takes both.
 *  S9 A path to upgrade at is taken over only by a peer whose certificate has one of the roles for it, and by no page;
 *     whoever else asks is refused and its connection ends. With the server it ends too, with a goodbye and as soon as
 *     nothing else is connected.
 *  S10 A machine that is let in no more is nobody from its next request on, also over a connection that it has already.
 *  S11 It begins with what it uses: fastify's compilers of schemas are 150 modules of each process that has a door.
 *
 * @module
 */
import { createServer as createHttpServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Socket } from "node:net";
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from "fastify";
import type { Caller } from "../../machines/words.ts";
import { type ErrorData, ERRORS, RbeeError } from "../protocol/errors.ts";
import type { Peer } from "../protocol/cluster-api.ts";
import { isLoopback } from "../protocol/loopback.ts";
import { type Answer, type Call, errorBodyOf, type Route } from "../protocol/route.ts";
import { peerOf } from "./authority/identity.ts";
import { requestIdOf, traceparentOf } from "./caller.ts";
import { closeServer } from "./close-server.ts";
import { Entrance, type TlsOptions } from "./entrance.ts";
import { FRAMINGS } from "./framing.ts";
import { Guard, type GuardOptions, type Stranger, strangerOf, type WayIn } from "./guard.ts";
import { onceHalfClosed } from "./half-closed.ts";
import { listenSocket, listenTcp, type SocketPlace, type TcpPlace } from "./listen.ts";
import { Pipelines } from "./pipeline.ts";
import { clientErrorData, refusalOf, refuseRaw, RETRY_AFTER_MS, retryAfterMsOf } from "./refusal.ts";
import { EventStream } from "./sse.ts";
import { type Upgrade, Upgrades } from "./upgrades.ts";

export interface ServeOptions extends GuardOptions {
  readonly listen: readonly (TcpPlace | SocketPlace)[];
  readonly routes: readonly Route[];
  readonly bodyBytesMax: number;
  /** At each TCP place. */
  readonly connectionsMax?: number;
  /** A client of a stream that reads nothing for so long is cut. Default 30 s. */
  readonly stallTimeoutMs?: number;
  readonly tls?: TlsOptions;
  /** Whether a machine that has a certificate is let in still. Default: it is. */
  readonly admits?: (peer: Peer) => boolean;
  readonly upgrades?: readonly Upgrade[];
  /** Told of every request that was refused or failed, before its answer. */
  readonly refused?: (refused: Refused) => void;
}

export interface Refused {
  readonly error: ErrorData;
  /** Nothing where there was no request. */
  readonly method: string;
  /** As it is known here, `/v2/tasks/:id`; a path that is not is none of ours to repeat. */
  readonly route: string;
  readonly caller: Caller;
  readonly stranger?: Stranger | undefined;
}

export interface RunningServer {
  /** Of the first TCP place; nothing when there is none. */
  readonly url: string | undefined;
  readonly port: number | undefined;
  /** Connections over the socket file that are open now. */
  localConnections(): number;
  /** From now on each answer ends its connection. */
  closing(): void;
  /** Takes no more calls, lets running ones end within the time given, then cuts them. */
  close(graceMs: number): Promise<void>;
}

const REQUEST_ID = "x-request-id";
/** What is not known of a connection is taken for the worst. */
const FROM_ANYWHERE: WayIn = { local: false, loopback: false };
const STALL_TIMEOUT_MS = 30_000;
const CONNECTIONS_MAX = 1_024;
/** At the socket file, which has room however full the others are. */
export const LOCAL_CONNECTIONS_MAX = 256;
const LIMITS = {
  maxHeaderSize: 16_384,
  headersTimeout: 10_000,
  requestTimeout: 60_000,
  keepAliveTimeout: 30_000,
  connectionsCheckingInterval: 1_000,
  // A missing Host is refused by the guard, in our own dialect.
  requireHostHeader: false,
} as const;

/** @throws RbeeError port.taken, home.held, config.invalid */
export async function createServer(options: ServeOptions): Promise<RunningServer> {
  const ways = new WeakMap<object, WayIn>();
  let isClosing = false;
  const app = createApp(options, {
    wayOf: ({ socket }) => ways.get(socket) ?? FROM_ANYWHERE,
    isClosing: () => isClosing,
  });
  await app.ready();
  const servers: Server[] = [];
  const entrances: Entrance[] = [];
  const upgrades = new Upgrades(options.upgrades ?? [], refuseRaw);
  const sockets = new Set<Socket>();
  let localOpen = 0;
  const closing = (): void => void (isClosing = true);
  const close = async (graceMs: number): Promise<void> => {
    closing();
    for (const entrance of entrances) entrance.close();
    await Promise.all(servers.map((server) => closeServer(server, sockets, graceMs, upgrades)));
    await app.close();
  };
  let first: { readonly url: string; readonly port: number } | undefined;
  try {
    for (const place of options.listen) {
      const server = boundedServer(app, options, upgrades);
      servers.push(server);
      const local = "socketPath" in place;
      server.maxConnections = local ? LOCAL_CONNECTIONS_MAX : (options.connectionsMax ?? CONNECTIONS_MAX);
      const way: WayIn = { local, loopback: local || isLoopback(place.host) };
      server.on("connection", (socket) => {
        ways.set(socket, way);
        sockets.add(socket);
        socket.once("close", () => sockets.delete(socket));
      });
      if (local) {
        server.on("connection", (socket) => {
          localOpen += 1;
          socket.once("close", () => (localOpen -= 1));
        });
        await listenSocket(server, place);
      } else {
        const plain = way.loopback;
        if (options.tls !== undefined)
          entrances.push(new Entrance(server, { ...options.tls, plain, refuse: refuseRaw }));
        else if (!plain) throw new RbeeError("defect", `${place.host} is to be served without TLS`);
        const port = await listenTcp(server, place);
        const scheme = plain ? "http" : "https";
        first ??= { port, url: `${scheme}://${place.host.includes(":") ? `[${place.host}]` : place.host}:${port}` };
      }
    }
  } catch (error) {
    await close(0);
    throw error;
  }
  return { url: first?.url, port: first?.port, localConnections: () => localOpen, closing, close };
}

/** S11. Each door reads its bodies itself. */
const noCompiler = (): never => {
  throw new RbeeError("defect", "a route with a schema of fastify's has nobody who compiles it");
};

type Refusal = NonNullable<Route["refusal"]>;

interface Standing {
  readonly wayOf: (request: IncomingMessage) => WayIn;
  readonly isClosing: () => boolean;
}

function createApp(options: ServeOptions, { wayOf, isClosing }: Standing): FastifyInstance {
  const refuse = (reply: FastifyReply, request: FastifyRequest, error: ErrorData): FastifyReply => {
    const { id, method, raw, routeOptions } = request;
    const stranger = strangerOf(raw, error.code);
    options.refused?.({ error, method, route: routeOptions.url ?? "", caller: callerOf(request), stranger });
    return sendRefusal(reply, error, id, routeOptions.config.refusal);
  };
  const app = fastify({
    bodyLimit: options.bodyBytesMax,
    exposeHeadRoutes: false,
    schemaController: { compilersFactory: { buildValidator: noCompiler, buildSerializer: noCompiler } },
    genReqId: ({ headers }) => requestIdOf(headers[REQUEST_ID]),
    frameworkErrors: (error, request, reply) => void refuse(reply, request, refusalOf(error)),
  });
  app.decorateRequest("keyId", undefined);
  app.decorateRequest("peer", undefined);
  app.removeContentTypeParser("text/plain");
  app.setErrorHandler((error, request, reply) => refuse(reply, request, refusalOf(error)));
  app.setNotFoundHandler((request, reply) => {
    const { method, url } = request;
    const message = `There is no ${method} ${url.slice(0, 200)} here.`;
    return refuse(reply, request, { code: "request.not.found", message });
  });
  const guard = new Guard(options);
  app.addHook("onRequest", async (request, reply) => {
    const { id, raw, routeOptions } = request;
    const { requestIdHeader } = routeOptions.config;
    if (isClosing()) reply.header("connection", "close");
    reply.header(REQUEST_ID, id);
    if (requestIdHeader !== undefined) reply.header(requestIdHeader, id);
    const { origin } = raw.headers;
    // A preflight brings no key, and is served nothing.
    const isOpen = routeOptions.config.open === true || (origin !== undefined && raw.method === "OPTIONS");
    const shown = peerOf(raw.socket);
    const isRemoved = shown !== undefined && options.admits?.(shown) === false;
    request.peer = isRemoved ? undefined : shown;
    request.keyId = guard.check(raw, wayOf(raw), isOpen, shown, isRemoved);
    if (origin !== undefined) return allowOrigin(raw, origin, reply);
  });
  for (const route of options.routes) {
    app.route({
      method: route.method,
      url: route.path,
      ...(route.bodyBytesMax !== undefined && { bodyLimit: route.bodyBytesMax }),
      config: { open: route.open === true, refusal: route.refusal, requestIdHeader: route.requestIdHeader },
      handler: async (request, reply) => {
        const answer = await route.handle(callOf(request, reply, wayOf(request.raw).local));
        return answerWith(answer, reply, options.stallTimeoutMs ?? STALL_TIMEOUT_MS, route.refusal);
      },
    });
  }
  return app;
}

/** The guard has found the origin on the list. */
function allowOrigin(request: IncomingMessage, origin: string, reply: FastifyReply): FastifyReply | undefined {
  reply.headers({ "access-control-allow-origin": origin, "access-control-expose-headers": "*", vary: "origin" });
  if (request.method !== "OPTIONS") return undefined;
  return reply
    .code(204)
    .headers({
      "access-control-allow-methods": "GET, POST, DELETE",
      // Clients of other dialects send headers of their own; the star does not stand for this one.
      "access-control-allow-headers": "authorization, *",
    })
    .send();
}

function callOf(request: FastifyRequest, { raw }: FastifyReply, local: boolean): Call {
  const { params, query, headers, body, peer } = request;
  const gone = new AbortController();
  raw.once("close", () => {
    if (!raw.writableFinished) gone.abort();
  });
  return {
    params: strings(params),
    query: strings(query),
    headers: strings(headers),
    body,
    local,
    peer,
    caller: callerOf(request),
    signal: gone.signal,
  };
}

function callerOf({ headers, id: requestId, keyId: key }: FastifyRequest): Caller {
  const traceparent = traceparentOf(headers["traceparent"]);
  return { requestId, ...(key !== undefined && { key }), ...(traceparent !== undefined && { traceparent }) };
}

/** What comes twice is taken the first time. */
function strings(record: unknown): Record<string, string> {
  const entries: [string, unknown][] = Object.entries(record ?? {});
  return Object.fromEntries(
    entries.flatMap(([name, value]): [string, string][] => {
      const first: unknown = Array.isArray(value) ? value[0] : value;
      return typeof first === "string" ? [[name, first]] : [];
    }),
  );
}

async function answerWith(
  answer: Answer,
  reply: FastifyReply,
  stallTimeoutMs: number,
  refusal: Refusal = errorBodyOf,
): Promise<FastifyReply> {
  if ("json" in answer) return sendJson(reply, answer.status, answer.json);
  if ("bytes" in answer) return reply.code(answer.status).type(answer.contentType).send(answer.bytes);
  if ("text" in answer) return reply.code(answer.status).type(answer.contentType).send(answer.text);
  for (const [name, value] of Object.entries(reply.getHeaders()))
    if (value !== undefined) reply.raw.setHeader(name, value);
  const stream = new EventStream(reply.raw, FRAMINGS[answer.framing ?? "sse"], stallTimeoutMs);
  try {
    await answer.events(stream);
  } catch (thrown) {
    // Before the first event the failure still has a status of its own.
    if (!stream.started) throw thrown;
    const error = refusalOf(thrown);
    const said = answer.broken?.(error) ?? [{ event: "error", data: refusal(error, reply.request.id) }];
    for (const event of said) void stream.send(event);
  }
  reply.hijack();
  stream.finish();
  return reply;
}

function sendRefusal(
  reply: FastifyReply,
  error: ErrorData,
  requestId: string,
  refusal: Refusal = errorBodyOf,
): FastifyReply {
  const retryAfterMs = retryAfterMsOf(error);
  reply.header(REQUEST_ID, requestId);
  if (retryAfterMs !== undefined) reply.header("retry-after", Math.ceil(retryAfterMs / 1_000));
  if (ERRORS[error.code].class === "terminal") reply.header("x-should-retry", "false");
  if (error.code === "request.unauthorized") reply.header("www-authenticate", "Bearer");
  return sendJson(reply, ERRORS[error.code].httpStatus, refusal(error, requestId));
}

const sendJson = (reply: FastifyReply, status: number, json: unknown): FastifyReply =>
  reply.code(status).type("application/json; charset=utf-8").send(JSON.stringify(json));

function boundedServer(app: FastifyInstance, options: ServeOptions, upgrades: Upgrades): Server {
  const { refused, stallTimeoutMs = STALL_TIMEOUT_MS } = options;
  const pipelines = new Pipelines();
  const server = createHttpServer({ ...LIMITS, shouldUpgradeCallback: upgrades.isOne }, (request, response) => {
    if (!pipelines.begin(response)) return refuseMore(response);
    if (request.httpVersion !== "1.0") onceHalfClosed(response, () => sayNothing(response));
    app.routing(request, response);
  });
  upgrades.attach(server);
  server.httpAllowHalfOpen = true;
  // Twice as long, since a stream is cut by itself before that, and says why.
  server.setTimeout(2 * stallTimeoutMs, (socket) => {
    if (socket.writableLength > 0) socket.destroy();
  });
  server.on("clientError", (thrown, socket) => {
    // Who has gone is refused nothing.
    if (!socket.writable) return void socket.destroy();
    const error = clientErrorData(thrown);
    const requestId = requestIdOf(undefined);
    refused?.({ error, method: "", route: "", caller: { requestId } });
    refuseRaw(socket, error, requestId);
  });
  return server;
}

/** PL1. Node reads nothing more of a connection that is given more answers than it takes. */
function refuseMore(response: ServerResponse): void {
  const requestId = requestIdOf(undefined);
  const error: ErrorData = {
    code: "mailbox.full",
    message: "Too many requests of this connection wait for an answer.",
  };
  const head = {
    "content-type": "application/json; charset=utf-8",
    connection: "close",
    "retry-after": String(RETRY_AFTER_MS / 1_000),
    [REQUEST_ID]: requestId,
  };
  response.writeHead(ERRORS[error.code].httpStatus, head).end(JSON.stringify(errorBodyOf(error, requestId)));
}

/** What may be said before an answer, and means nothing. A response that waits behind another keeps quiet. */
function sayNothing(response: ServerResponse): void {
  if (response.socket !== null && !response.headersSent) response.writeContinue();
}

declare module "node:http" {
  interface Server {
    /** A client may close its side and read on. Node has it, and its types do not. */
    httpAllowHalfOpen: boolean;
  }
}

declare module "fastify" {
  interface FastifyRequest {
    /** The id of the key that it came with, or what stands for one. */
    keyId: string | undefined;
    /** The machine that asks. */
    peer: Peer | undefined;
  }
  interface FastifyContextConfig {
    /** Served without a key. */
    open?: boolean;
    /** How its dialect says an error. */
    refusal?: Refusal | undefined;
    requestIdHeader?: string | undefined;
  }
}
