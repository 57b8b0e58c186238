/**
 * Goal: what another machine answers is read to a bound (SA1 of short-answer.ts), by whoever asks one.
 * Method: a real server whose refusal never ends; who asks it gives up, and cuts the connection.
 *
 * @see src/net/cluster-door.ts, CO1; src/net/link/greeting.ts
 */
import { once } from "node:events";
import { createServer, get, type IncomingMessage } from "node:http";
import { join } from "node:path";
import type { Writable } from "node:stream";
import { expect, onTestFinished, test } from "vitest";
import { WebSocket } from "ws";
import { askClusterDoor } from "../../../src/net/cluster-door.ts";
import { greet } from "../../../src/net/link/greeting.ts";
import { shortAnswer } from "../../../src/net/short-answer.ts";
import { helloFrom } from "../../support/link-net.ts";
import { temporaryFolder } from "../../support/temporary.ts";

const NEVER = new AbortController().signal;
const PIECE = Buffer.alloc(16_384, "x");

/** What buffers on the way may hold beside what was read. */
const SENT_BYTES_MAX = 4 * 2 ** 20;

/** @returns its socket, and what it had sent when the connection of who asked was over */
async function endless(): Promise<{ readonly socketPath: string; readonly cutAtBytes: Promise<number> }> {
  const socketPath = join(temporaryFolder(), "door.sock");
  const cut = Promise.withResolvers<number>();
  let bytes = 0;
  const sendTo = (to: Writable): void => {
    const more = (): void => {
      if (to.destroyed) return cut.resolve(bytes);
      bytes += PIECE.length;
      to.write(PIECE, () => setImmediate(more));
    };
    to.on("error", () => {});
    more();
  };
  const server = createServer((_asked, response) => sendTo(response.writeHead(500)));
  // A handshake is refused in the same way.
  server.on("upgrade", (_asked, socket) => {
    socket.write("HTTP/1.1 500 No\r\nconnection: close\r\n\r\n");
    sendTo(socket);
  });
  server.listen(socketPath);
  await once(server, "listening");
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { socketPath, cutAtBytes: cut.promise };
}

test("SA1 an answer is read whole up to its bound, and no further", async () => {
  const { socketPath, cutAtBytes } = await endless();
  const [response] = (await once(get({ socketPath }), "response")) as [IncomingMessage];
  await expect(shortAnswer(response)).rejects.toThrow("the answer has no end");
  expect(await cutAtBytes).toBeLessThan(SENT_BYTES_MAX);
  const server = createServer((_asked, said) => void said.end("é".repeat(10))).listen(0, "127.0.0.1");
  onTestFinished(() => void server.close());
  await once(server, "listening");
  const ask = async (bytesMax: number): Promise<string> => {
    const [its] = (await once(get({ port: (server.address() as { port: number }).port }), "response")) as [
      IncomingMessage,
    ];
    return shortAnswer(its, bytesMax);
  };
  expect(await ask(20)).toBe("é".repeat(10));
  await expect(ask(19)).rejects.toThrow("the answer has no end");
});

test("CO1 SA1 a door whose refusal has no end is away, and is hung up on", async () => {
  const { socketPath, cutAtBytes } = await endless();
  await expect(askClusterDoor({ socketPath }, { path: "/", signal: NEVER, silentMs: 5_000 })).rejects.toMatchObject({
    code: "machine.away",
  });
  expect(await cutAtBytes).toBeLessThan(SENT_BYTES_MAX);
});

test("SA1 nor is one read that refuses a link without end", async () => {
  const { socketPath, cutAtBytes } = await endless();
  expect(await greet(new WebSocket(`ws+unix:${socketPath}:/`), helloFrom("beta"), "queen")).toMatchObject({
    code: "link.handshake",
  });
  expect(await cutAtBytes).toBeLessThan(SENT_BYTES_MAX);
});
