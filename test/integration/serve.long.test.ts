/**
 * Goal: whoever opens connections and sends nothing, or a little, holds them for a bounded time.
 * Method: a real server with the limits it is shipped with. Cites S2 of src/net/serve.ts.
 */
import { once } from "node:events";
import { connect } from "node:net";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { expect, onTestFinished, test } from "vitest";
import { createServer } from "../../src/net/serve.ts";
import { waitUntil } from "../support/children.ts";
import { rawConnection } from "../support/http.ts";
import { temporaryFolder } from "../support/temporary.ts";

const CLOSED_WITHIN_MS = 20_000;
/** Nobody waits it out. */
const GRACE_MS = 600_000;

test("S2 a connection that was refused and never ends its side is closed", async () => {
  const socketPath = join(temporaryFolder(), "own.sock");
  const listen = [{ socketPath }];
  const server = await createServer({ listen, routes: [], hosts: [], origins: [], bodyBytesMax: 1_000 });
  onTestFinished(() => server.close(0));
  const client = connect({ path: socketPath, allowHalfOpen: true }, () => client.write("hello\r\n\r\n"));
  client.on("error", () => {});
  await once(client.resume(), "end");
  expect(server.localConnections()).toBe(1);
  await waitUntil(() => server.localConnections() === 0, CLOSED_WITHIN_MS);
  client.destroy();
});

test("S2 a connection that never finishes its request is closed, with an error body if it began one", async () => {
  const listen = [{ host: "127.0.0.1", port: 0, orNext: false }];
  const { port, close } = await createServer({ listen, routes: [], hosts: [], origins: [], bodyBytesMax: 1_000 });
  onTestFinished(() => close(0));
  const startedAt = performance.now();
  const begun = await rawConnection(port, "GET /free HTTP/1.1\r\nHost: local");
  const silent = await rawConnection(port, "");
  const [reply] = await Promise.all([text(begun), text(silent)]);
  expect(performance.now() - startedAt).toBeLessThan(CLOSED_WITHIN_MS);
  expect(reply).toMatch(/^HTTP\/1.1 408 /);
});

test("S6 a connection that never finishes its request holds up no closing", async () => {
  const listen = [{ host: "127.0.0.1", port: 0, orNext: false }];
  const { port, close } = await createServer({ listen, routes: [], hosts: [], origins: [], bodyBytesMax: 1_000 });
  const begun = await rawConnection(port, "GET /free HTTP/1.1\r\nHost: local");
  const heard = text(begun);
  await close(GRACE_MS);
  expect(await heard).toMatch(/^HTTP\/1.1 408 /);
});
