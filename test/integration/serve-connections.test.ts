/**
 * Goal: a door that is full takes no more, and shuts nobody out who has a way of their own.
 * Cites S2 of src/net/serve.ts.
 */
import { connect } from "node:net";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { expect, onTestFinished, test } from "vitest";
import { createServer } from "../../src/net/serve.ts";
import { waitUntil } from "../support/children.ts";
import { rawConnection } from "../support/http.ts";
import { temporaryFolder } from "../support/temporary.ts";

test("S2 a connection above the bound is closed, and the socket file has room of its own", async () => {
  const socketPath = join(temporaryFolder(), "own.sock");
  const server = await createServer({
    routes: [{ method: "GET", path: "/free", handle: () => ({ status: 200, json: "free" }) }],
    hosts: [],
    origins: [],
    bodyBytesMax: 1_000,
    listen: [{ host: "127.0.0.1", port: 0, orNext: false }, { socketPath }],
    connectionsMax: 2,
  });
  onTestFinished(() => server.close(0));
  const kept = [await rawConnection(server.port, ""), await rawConnection(server.port, "")];
  const one = await rawConnection(server.port, "");
  one.resume();
  await waitUntil(() => one.closed, 4_000);
  expect(kept.map(({ closed }) => closed)).toEqual([false, false]);
  const local = connect(socketPath).end("GET /free HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
  expect(await text(local)).toContain("HTTP/1.1 200 OK");
});
