/**
 * HTTP clients for tests: one that says exactly what it is told, and one that speaks raw bytes.
 *
 * @module
 */
import { type IncomingHttpHeaders, request } from "node:http";
import { request as requestOverTls } from "node:https";
import { connect, type Socket } from "node:net";
import { text } from "node:stream/consumers";

export interface Reply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  readonly json: () => unknown;
}

export interface Ask {
  readonly port?: number | undefined;
  readonly socketPath?: string;
  readonly method?: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Whose word is taken for who answers, as PEM: over TLS. */
  readonly ca?: string;
}

/** Unlike fetch it sends any Host and Origin it is given, and no content type of its own. */
export function ask({ method = "GET", path, headers = {}, body, ca, ...where }: Ask): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const place =
      where.socketPath === undefined ? { host: "127.0.0.1", port: where.port } : { socketPath: where.socketPath };
    const start = ca === undefined ? request : requestOverTls;
    const sent = start(
      { ...place, ...(ca !== undefined && { ca }), method, path, headers, agent: false },
      (response) => {
        text(response).then((got) => {
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            text: got,
            json: () => JSON.parse(got),
          });
        }, reject);
      },
    );
    sent.once("error", reject).end(body);
  });
}

export const post = (
  port: number | undefined,
  path: string,
  body: unknown,
  headers: Record<string, string> = {},
): Promise<Reply> =>
  ask({
    port,
    path,
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify(body),
  });

/** A connection that has sent these bytes. */
export function rawConnection(port: number | undefined, bytes: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: "127.0.0.1", port: port ?? 0 }, () => {
      socket.write(bytes);
      resolve(socket);
    });
    socket.once("error", reject);
  });
}
