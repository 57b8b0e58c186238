/**
 * A thread that gives back what it is given: at once, or packed as links pack it and over a WebSocket on loopback.
 *
 * @module
 */
import { once } from "node:events";
import { type MessagePort, workerData } from "node:worker_threads";
import { WebSocketServer } from "ws";
import { VERSIONS } from "../../src/net/link/hello.ts";
import { MESSAGE_BYTES_MAX, packMail, readMessage } from "../../src/net/link/messages.ts";
import { dialWebSocket } from "../../src/net/link/over-ws.ts";
import type { Frame } from "../../src/runtime/envelope.ts";
import type { Carriage } from "./carrier.ts";

const { port, bell, way } = workerData as Carriage & { readonly port: MessagePort };
const rung = new Int32Array(bell);
const dialect = { bytesMax: MESSAGE_BYTES_MAX, version: VERSIONS.max };

function giveBack(frames: readonly Frame[]): void {
  port.postMessage(frames);
  Atomics.store(rung, 0, 1);
  Atomics.notify(rung, 0);
}

async function overSocket(): Promise<(frames: readonly Frame[]) => void> {
  const server = new WebSocketServer({ host: "127.0.0.1", port: 0 });
  await once(server, "listening");
  let [left, came] = [0, new Array<Frame>()];
  server.on("connection", (socket) => {
    socket.on("message", (bytes: Buffer) => {
      const message = readMessage(bytes);
      if (message.kind === "mail") came.push(...message.frames);
      if (came.length === left) giveBack(came);
    });
  });
  const client = dialWebSocket(`ws://127.0.0.1:${(server.address() as { readonly port: number }).port}`);
  await once(client, "open");
  return (frames) => {
    [left, came] = [frames.length, []];
    if (left === 0) return giveBack([]);
    for (const bytes of packMail({ kind: "mail", from: "a", fromLife: 1, to: "b", toLife: 1, frames }, dialect))
      client.send(bytes);
  };
}

const carry = way === "thread" ? giveBack : await overSocket();
port.on("message", carry);
giveBack([]);
