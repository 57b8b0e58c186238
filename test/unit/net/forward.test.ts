/**
 * Goal: who asks at a door that leads elsewhere is answered from there as if there were no door between; where nobody
 *       is there, it is told so.
 * Method: a real HTTP server behind a real forward, over sockets of loopback.
 *
 * @see src/net/forward.ts, FW1 to FW4
 * @module
 */
import { once } from "node:events";
import { createServer, type IncomingMessage, request, type Server } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { expect, onTestFinished, test } from "vitest";
import { Forward, type ForwardOptions } from "../../../src/net/forward.ts";
import { errorBody } from "../../../src/protocol/api.ts";
import type { ErrorData } from "../../../src/protocol/errors.ts";
import { waitUntil } from "../../support/children.ts";
import { ask } from "../../support/http.ts";
import { temporaryFolder } from "../../support/temporary.ts";

const WITHIN_MS = 20_000;
const PLACE = { host: "127.0.0.1", port: 0, orNext: false };

/** As a TLS connection does, it says when it may be used. */
function dialled(port: number): Socket {
  const socket = connect({ host: "127.0.0.1", port, allowHalfOpen: true });
  return socket.once("connect", () => socket.emit("secureConnect"));
}

async function serverOf(listener: Parameters<typeof createServer>[1]): Promise<{ server: Server; port: number }> {
  const server = createServer(listener).listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { server, port: (server.address() as AddressInfo).port };
}

async function forwardTo(dial: ForwardOptions["dial"], given: Partial<ForwardOptions> = {}) {
  const forward = new Forward({ dial, away: () => undefined, ...given });
  onTestFinished(() => forward.close());
  return { forward, port: (await forward.listen(PLACE)) ?? 0 };
}

const codeIn = (reply: { text: string }): string => errorBody.parse(JSON.parse(reply.text)).error.code;

test("FW1 S4 what is asked goes through as it is, at a port and at a socket file, many behind each other", async () => {
  const { port: far } = await serverOf((asked, response) => {
    void text(asked).then((said) => response.end(`${asked.method} ${asked.url} ${asked.headers.host} ${said}`));
  });
  const { forward, port } = await forwardTo(() => dialled(far));
  const socketPath = join(temporaryFolder(), "door.sock");
  await forward.listen({ socketPath });
  const body = "x".repeat(300_000);
  const headers = { host: "a.example", "content-length": String(body.length) };
  const reply = await ask({ port, method: "POST", path: "/p?q=1", headers, body });
  expect(reply.text).toBe(`POST /p?q=1 a.example ${body}`);
  expect((await ask({ socketPath, path: "/s", headers: { host: "b" } })).text).toBe("GET /s b ");

  const raw = connect({ host: "127.0.0.1", port, allowHalfOpen: true });
  raw.end("GET /1 HTTP/1.1\r\nhost: c\r\n\r\nGET /2 HTTP/1.1\r\nhost: c\r\nconnection: close\r\n\r\n");
  const both = await text(raw);
  expect([both.includes("GET /1 c"), both.includes("GET /2 c")]).toEqual([true, true]);
});

test("FW1 who reads slowly is sent slowly, and who goes away is gone at the far end", async () => {
  let sent = 0;
  let isGone = false;
  const { port: far } = await serverOf((_asked, response) => {
    const piece = Buffer.alloc(65_536);
    const more = (): void => {
      while (!isGone) {
        sent += piece.length;
        if (!response.write(piece)) return void response.once("drain", more);
      }
    };
    response.once("close", () => (isGone = true));
    more();
  });
  const { port } = await forwardTo(() => dialled(far));
  const asked = request({ host: "127.0.0.1", port, path: "/" }).end();
  const [response] = (await once(asked, "response")) as [IncomingMessage];
  // It stands once every buffer on the way is full.
  let before = -1;
  await waitUntil(() => {
    const stands = sent === before;
    before = sent;
    return stands && sent > 0;
  }, WITHIN_MS);
  expect(sent).toBeLessThan(64 * 2 ** 20);
  response.destroy();
  asked.on("error", () => {});
  await waitUntil(() => isGone, WITHIN_MS);
});

test("FW2 queen.unreachable: where nobody is there, or is known to be gone, who asks is told at once when to come back", async () => {
  const { server, port: far } = await serverOf(() => {});
  server.close();
  await once(server, "close");
  const { port } = await forwardTo(() => dialled(far));
  const reply = await ask({ port, path: "/" });
  expect([reply.status, codeIn(reply), reply.headers["retry-after"]]).toEqual([503, "queen.unreachable", "1"]);

  let dials = 0;
  const gone: ErrorData = { code: "queen.unreachable", message: "she is gone" };
  const dial = (): Socket => {
    dials += 1;
    return dialled(far);
  };
  const knowing = await forwardTo(dial, { away: () => gone });
  expect([(await ask({ port: knowing.port, path: "/" })).status, dials]).toEqual([503, 0]);
  // A machine that takes the connection and says nothing.
  const silent = await forwardTo(() => connect({ host: "127.0.0.1", port: knowing.port }), { dialMs: 1 });
  expect(codeIn(await ask({ port: silent.port, path: "/" }))).toBe("queen.unreachable");
});

test("FW2 when the far end goes, who was not answered is told so, and what was being said breaks off", async () => {
  const { port: far } = await serverOf((asked, response) => {
    if (asked.url === "/said") response.write("a beginning");
  });
  const { forward, port } = await forwardTo(() => dialled(far));
  const unanswered = ask({ port, path: "/never" });
  const asked = request({ host: "127.0.0.1", port, path: "/said" }).end();
  const [response] = (await once(asked, "response")) as [IncomingMessage];
  const said = text(response).then(
    () => "whole",
    () => "broke off",
  );
  forward.cut({ code: "queen.unreachable", message: "the link is gone" });
  expect([codeIn(await unanswered), await said]).toEqual(["queen.unreachable", "broke off"]);
});

test("FW3 FW4 nothing is dialled for who says nothing, and nobody from elsewhere comes in", async () => {
  let dials = 0;
  const { port: far } = await serverOf((_asked, response) => response.end("here"));
  const { forward, port } = await forwardTo(() => {
    dials += 1;
    return dialled(far);
  });
  const idle = connect({ host: "127.0.0.1", port });
  await once(idle, "connect");
  expect((await ask({ port, path: "/" })).text).toBe("here");
  expect(dials).toBe(1);
  idle.destroy();
  await expect(forward.listen({ ...PLACE, host: "0.0.0.0" })).rejects.toMatchObject({ code: "defect" });
});
