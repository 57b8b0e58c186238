/**
 * Links over WebSockets: what is `ws`, and real time, is here and nowhere else in this folder.
 *
 * Owns: the options that every socket of a link has. Does not own: TLS, certificates, the port (whoever listens), or
 * anything that is said.
 *
 *  OW1 No compression, which costs fifteen times what it saves here, and nothing larger than a frame is received.
 *  OW2 A peer that was told goodbye and does not close its side is cut off.
 *
 * @module
 */
import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import type { ConnectionOptions } from "node:tls";
import { WebSocket, WebSocketServer } from "ws";
import { FRAME_BYTES_MAX } from "./frame.ts";
import { DIAL_MS } from "./handshake.ts";
import { Link, type LinkEvents, type LinkOptions } from "./link.ts";
import type { LinkClock, LinkSocket } from "./socket.ts";

/** OW1 */
const BOUNDS = { perMessageDeflate: false, maxPayload: FRAME_BYTES_MAX } as const;
const MASK_OF_NOTHING = (mask: Buffer): void => void mask.fill(0);

const END_MS = 1000;

export const realLinkClock: LinkClock = {
  monotonicMs: () => performance.now(),
  after(ms, run) {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
  soon: (run) => void setImmediate(run),
};

/** @param ws open, or on its way there, and not yet listened to */
export function linkOver(ws: WebSocket, options: Omit<LinkOptions, "clock">, events: LinkEvents): Link {
  return new Link(socketOver(ws), { ...options, clock: realLinkClock }, events);
}

/** Who we are and whom we trust, for a `wss:` address. */
export type LinkTls = Pick<ConnectionOptions, "ca" | "cert" | "key" | "servername">;

export function dialWebSocket(url: string, tls: LinkTls = {}): WebSocket {
  // Masks keep scripts in browsers from speaking to proxies in bytes of their choice. There is no script here, and a
  // mask of nothing costs nothing.
  const options = { ...BOUNDS, handshakeTimeout: DIAL_MS, followRedirects: false, generateMask: MASK_OF_NOTHING };
  return new WebSocket(url, { ...tls, ...options });
}

const acceptor = new WebSocketServer({ noServer: true, ...BOUNDS });

/** The server's side, after whoever listens has checked what it wants to check. */
export function acceptUpgrade(
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
  then: (ws: WebSocket) => void,
): void {
  acceptor.handleUpgrade(request, socket, head, then);
}

export function socketOver(ws: WebSocket): LinkSocket {
  const isOpen = (): boolean => ws.readyState === WebSocket.OPEN;
  return {
    listen({ onOpen, onText, onBytes, onClosed }) {
      let why = "it was closed";
      ws.binaryType = "nodebuffer";
      ws.on("message", (data: Buffer, isBinary) => {
        if (isBinary) onBytes(data);
        else onText(data.toString());
      });
      ws.on("error", (error) => {
        why = error.message;
      });
      ws.once("close", () => onClosed(why));
      if (isOpen()) onOpen();
      else ws.once("open", onOpen);
    },
    sendText(text) {
      if (isOpen()) ws.send(text);
    },
    sendBytes(bytes) {
      if (isOpen()) ws.send(bytes);
    },
    end() {
      ws.close();
      const cut = setTimeout(() => ws.terminate(), END_MS);
      ws.once("close", () => clearTimeout(cut));
    },
  };
}
