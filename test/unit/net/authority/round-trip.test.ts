/**
 * Goal: how far away a door is can be told without saying anything there.
 *
 * @see src/net/authority/round-trip.ts, RT1
 */
import { once } from "node:events";
import { createServer, type Socket } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { roundTripMs } from "../../../../src/net/authority/round-trip.ts";

/** @returns its port, and what came over each connection */
async function door(): Promise<{ readonly port: number; readonly said: Buffer[][]; readonly close: () => void }> {
  const said: Buffer[][] = [];
  const server = createServer((socket: Socket) => {
    const pieces: Buffer[] = [];
    said.push(pieces);
    socket.on("data", (piece: Buffer) => pieces.push(piece)).on("error", () => {});
  }).listen(0, "127.0.0.1");
  onTestFinished(() => void server.close());
  await once(server, "listening");
  const address = server.address();
  return { port: typeof address === "object" ? (address?.port ?? 0) : 0, said, close: () => void server.close() };
}

test("RT1 the way to a door is told by connections over which nothing is said, by its name too", async () => {
  const { port, said } = await door();
  for (const host of ["127.0.0.1", "localhost"]) {
    const tookMs = await roundTripMs({ host, port });
    expect(tookMs).toBeGreaterThan(0);
    expect(tookMs).toBeLessThan(1_000);
  }
  expect(said.length).toBeGreaterThan(2);
  expect(said.flat()).toEqual([]);
});

test("RT1 nothing is told of the way to where nobody listens", async () => {
  const { port, close } = await door();
  close();
  expect(await roundTripMs({ host: "127.0.0.1", port })).toBeUndefined();
});
