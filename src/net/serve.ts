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
 *  S5 Each request has a name of its own, told where its dialect looks for it, with an answer and with a refusal.
 *  S6 Once the server is to close, each answer ends its connection: no client counts on it for its next request. When
 *     what runs is answered, it is closed.
 *
 * @module
 */
import { randomUUID } from "node:crypto";
import {
  createServer as createHttpServer,
  type IncomingMessage,
  type Server,
  type ServerResponse,
  STATUS_CODES,
} from "node:http";
import type { Duplex } from "node:stream";
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from "fastify";
import { type ErrorData, ERRORS } from "../protocol/errors.ts";
import { type Answer, type Call, errorBodyOf, type Route } from "../protocol/route.ts";
import { FRAMINGS } from "./framing.ts";
import { Guard, type GuardOptions } from "./guard.ts";
import { onceHalfClosed } from "./half-closed.ts";
import { listenSocket, listenTcp, type SocketPlace, type TcpPlace } from "./listen.ts";
import { Pipelines } from "./pipeline.ts";
import { clientErrorData, refusalOf } from "./refusal.ts";
import { EventStream } from "./sse.ts";

export interface ServeOptions extends GuardOptions {
  readonly listen: readonly (TcpPlace | SocketPlace)[];
  readonly routes: readonly Route[];
  readonly bodyBytesMax: number;
  /** A client of a stream that reads nothing for so long is cut. Default 30 s. */
  readonly stallTimeoutMs?: number;
  /** Told of every request that was refused or failed, before its answer. */
  readonly refused?: (refused: Refused) => void;
}

export interface Refused {
  readonly error: ErrorData;
  readonly method: string;
  /** As it is known here, `/v2/tasks/:id`; a path that is not is none of ours to repeat. */
  readonly route: string;
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

const STALL_TIMEOUT_MS = 30_000;
const CONNECTIONS_MAX = 1_024;
/** While it closes: a connection that was answered is not kept for its next request. */
const IDLE_POLL_MS = 50;
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
  const local = new WeakSet<object>();
  let isClosing = false;
  const app = createApp(options, {
    isLocal: (request) => local.has(request.socket),
    isClosing: () => isClosing,
  });
  await app.ready();
  const servers: Server[] = [];
  let localOpen = 0;
  const closing = (): void => void (isClosing = true);
  const close = async (graceMs: number): Promise<void> => {
    closing();
    await Promise.all(servers.map((server) => closeServer(server, graceMs)));
    await app.close();
  };
  let first: { readonly url: string; readonly port: number } | undefined;
  try {
    for (const place of options.listen) {
      const server = boundedServer(app, options.stallTimeoutMs ?? STALL_TIMEOUT_MS);
      servers.push(server);
      if ("socketPath" in place) {
        server.on("connection", (socket) => {
          local.add(socket);
          localOpen += 1;
          socket.once("close", () => (localOpen -= 1));
        });
        await listenSocket(server, place);
      } else {
        const port = await listenTcp(server, place);
        first ??= { port, url: `http://${place.host.includes(":") ? `[${place.host}]` : place.host}:${port}` };
      }
    }
  } catch (error) {
    await close(0);
    throw error;
  }
  return { url: first?.url, port: first?.port, localConnections: () => localOpen, closing, close };
}

type Refusal = NonNullable<Route["refusal"]>;

interface Standing {
  readonly isLocal: (request: IncomingMessage) => boolean;
  readonly isClosing: () => boolean;
}

function createApp(options: ServeOptions, { isLocal, isClosing }: Standing): FastifyInstance {
  const app = fastify({
    bodyLimit: options.bodyBytesMax,
    genReqId: () => `req_${randomUUID()}`,
    exposeHeadRoutes: false,
    frameworkErrors: (error, _request, reply) => void sendRefusal(reply, refusalOf(error)),
  });
  app.removeContentTypeParser("text/plain");
  const refuse = (reply: FastifyReply, { method, routeOptions }: FastifyRequest, error: ErrorData): FastifyReply => {
    options.refused?.({ error, method, route: routeOptions.url ?? "" });
    return sendRefusal(reply, error, routeOptions.config.refusal);
  };
  app.setErrorHandler((error, request, reply) => refuse(reply, request, refusalOf(error)));
  app.setNotFoundHandler((request, reply) => {
    const { method, url } = request;
    const message = `There is no ${method} ${url.slice(0, 200)} here.`;
    return refuse(reply, request, { code: "request.not.found", message });
  });
  const guard = new Guard(options);
  app.addHook("onRequest", async ({ id, raw, routeOptions }, reply) => {
    const { requestIdHeader } = routeOptions.config;
    if (isClosing()) reply.header("connection", "close");
    if (requestIdHeader !== undefined) reply.header(requestIdHeader, id);
    guard.check(raw, isLocal(raw), routeOptions.config.open === true);
    if (raw.headers.origin !== undefined) return allowOrigin(raw, raw.headers.origin, reply);
  });
  for (const route of options.routes) {
    app.route({
      method: route.method,
      url: route.path,
      config: { open: route.open === true, refusal: route.refusal, requestIdHeader: route.requestIdHeader },
      handler: async (request, reply) => {
        const answer = await route.handle(callOf(request, reply, isLocal(request.raw)));
        return answerWith(answer, reply, options.stallTimeoutMs ?? STALL_TIMEOUT_MS, route.refusal);
      },
    });
  }
  return app;
}

/** The guard has found the origin on the list. */
function allowOrigin(request: IncomingMessage, origin: string, reply: FastifyReply): FastifyReply | undefined {
  reply.headers({ "access-control-allow-origin": origin, vary: "origin" });
  if (request.method !== "OPTIONS") return undefined;
  return reply
    .code(204)
    .headers({
      "access-control-allow-methods": "GET, POST, DELETE",
      "access-control-allow-headers": "content-type, authorization, last-event-id",
    })
    .send();
}

function callOf({ params, query, headers, body }: FastifyRequest, { raw }: FastifyReply, local: boolean): Call {
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
    signal: gone.signal,
  };
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
  if ("text" in answer) return reply.code(answer.status).type(answer.contentType).send(answer.text);
  for (const [name, value] of Object.entries(reply.getHeaders()))
    if (value !== undefined) reply.raw.setHeader(name, value);
  const stream = new EventStream(reply.raw, FRAMINGS[answer.framing ?? "sse"], stallTimeoutMs);
  try {
    await answer.events(stream);
  } catch (thrown) {
    // Before the first event the failure still has a status of its own.
    if (!stream.started) throw thrown;
    void stream.send({ event: "error", data: refusal(refusalOf(thrown)) });
  }
  reply.hijack();
  stream.finish();
  return reply;
}

function sendRefusal(reply: FastifyReply, error: ErrorData, refusal: Refusal = errorBodyOf): FastifyReply {
  const retryAfterMs = error.details?.["retryAfterMs"];
  if (typeof retryAfterMs === "number") reply.header("retry-after", Math.ceil(retryAfterMs / 1_000));
  if (error.code === "request.unauthorized") reply.header("www-authenticate", "Bearer");
  return sendJson(reply, ERRORS[error.code].httpStatus, refusal(error));
}

const sendJson = (reply: FastifyReply, status: number, json: unknown): FastifyReply =>
  reply.code(status).type("application/json; charset=utf-8").send(JSON.stringify(json));

function boundedServer(app: FastifyInstance, stallTimeoutMs: number): Server {
  const pipelines = new Pipelines();
  const server = createHttpServer(LIMITS, (request, response) => {
    if (!pipelines.begin(response)) return refuseMore(response);
    if (request.httpVersion !== "1.0") onceHalfClosed(response, () => sayNothing(response));
    app.routing(request, response);
  });
  server.maxConnections = CONNECTIONS_MAX;
  server.httpAllowHalfOpen = true;
  // Twice as long, since a stream is cut by itself before that, and says why.
  server.setTimeout(2 * stallTimeoutMs, (socket) => {
    if (socket.writableLength > 0) socket.destroy();
  });
  server.on("clientError", (error, socket) => refuseRaw(socket, clientErrorData(error)));
  return server;
}

/** PL1. Node reads nothing more of a connection that is given more answers than it takes. */
function refuseMore(response: ServerResponse): void {
  const error: ErrorData = {
    code: "mailbox.full",
    message: "Too many requests of this connection wait for an answer.",
  };
  const head = { "content-type": "application/json; charset=utf-8", connection: "close" };
  response.writeHead(ERRORS[error.code].httpStatus, head).end(JSON.stringify(errorBodyOf(error)));
}

/** What may be said before an answer, and means nothing. A response that waits behind another keeps quiet. */
function sayNothing(response: ServerResponse): void {
  if (response.socket !== null && !response.headersSent) response.writeContinue();
}

/** For what is no request: there is no response to write to, only a socket. */
function refuseRaw(socket: Duplex, error: ErrorData): void {
  if (!socket.writable) return void socket.destroy();
  const { httpStatus } = ERRORS[error.code];
  const body = JSON.stringify(errorBodyOf(error));
  const head = [
    `HTTP/1.1 ${httpStatus} ${STATUS_CODES[httpStatus] ?? "Error"}`,
    "content-type: application/json; charset=utf-8",
    `content-length: ${Buffer.byteLength(body)}`,
    "connection: close",
  ];
  socket.end(`${head.join("\r\n")}\r\n\r\n${body}`);
}

function closeServer(server: Server, graceMs: number): Promise<void> {
  if (!server.listening) return Promise.resolve();
  return new Promise((resolve) => {
    const cut = setTimeout(() => server.closeAllConnections(), graceMs);
    const sweep = setInterval(() => server.closeIdleConnections(), IDLE_POLL_MS);
    server.close(() => {
      clearTimeout(cut);
      clearInterval(sweep);
      resolve();
    });
  });
}

declare module "node:http" {
  interface Server {
    /** A client may close its side and read on. Node has it, and its types do not. */
    httpAllowHalfOpen: boolean;
  }
}

declare module "fastify" {
  interface FastifyContextConfig {
    /** Served without the door's token. */
    open?: boolean;
    /** How its dialect says an error. */
    refusal?: Refusal | undefined;
    requestIdHeader?: string | undefined;
  }
}
