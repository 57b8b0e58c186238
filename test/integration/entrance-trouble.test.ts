/**
 * Goal: a door that others reach is not kept from its work by whoever only makes trouble.
 * Method: the entrance alone, with bounds that a test can reach; silence, noise, halves of greetings, and many of them.
 *
 * @see src/net/entrance.ts, EN2 EN4
 */
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { createServer as createHttpServer, type IncomingMessage, type Server } from "node:http";
import { request } from "node:https";
import { type AddressInfo, connect as connectPlain, type Socket } from "node:net";
import { text } from "node:stream/consumers";
import { beforeAll, describe, expect, onTestFinished, test } from "vitest";
import type { Identity } from "../../src/net/authority/identity.ts";
import { Entrance, type EntranceOptions } from "../../src/net/entrance.ts";
import { authorityFor, certified } from "../support/authority.ts";
import { waitUntil } from "../support/children.ts";

let door: Identity;
beforeAll(async () => {
  door = await certified(await authorityFor());
});

function get(port: number): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    request({ host: "127.0.0.1", port, ca: door.authority, agent: false }, resolve).once("error", reject).end();
  });
}

describe("whoever only makes trouble", () => {
  /** The entrance alone, with bounds that a test can reach. */
  async function entrance(
    more: Partial<EntranceOptions>,
  ): Promise<{ port: number; server: Server; opened: () => Promise<number> }> {
    const server = createHttpServer((_, response) => void response.end("served"));
    const refuse = (socket: Socket): void => void socket.end("refused");
    const stands = new Entrance(server, {
      identity: () => Promise.resolve(door),
      failed: () => {},
      plain: false,
      refuse,
      ...more,
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    onTestFinished(() => {
      stands.close();
      server.close().closeAllConnections();
    });
    const opened = (): Promise<number> =>
      new Promise((resolve, reject) =>
        server.getConnections((error, count) => (error ? reject(error) : resolve(count))),
      );
    return { port: (server.address() as AddressInfo).port, server, opened };
  }

  function stranger(port: number, bytes: string | Buffer = ""): Socket {
    const socket = connectPlain({ host: "127.0.0.1", port });
    onTestFinished(() => void socket.destroy());
    socket.on("error", () => {}).resume();
    socket.write(bytes);
    return socket;
  }

  /** As far as a greeting goes without its end. */
  const HALF_HELLO = Buffer.from([0x16, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3, 3]);
  const HELLO_OF_NOISE = Buffer.concat([Buffer.from([0x16, 3, 1, 0, 200]), randomBytes(200)]);

  test.each([
    ["says nothing", Buffer.alloc(0)],
    ["stops within its greeting", HALF_HELLO],
  ])("EN2 and %s is cut after its time", async (_, bytes) => {
    const { port, opened } = await entrance({ arrivalMs: 100 });
    await once(stranger(port, bytes), "close");
    await waitUntil(async () => (await opened()) === 0, 5_000);
  });

  test("EN2 and says nothing where plain HTTP is taken is told so after its time", async () => {
    const { port } = await entrance({ plain: true, arrivalMs: 100 });
    const socket = connectPlain({ host: "127.0.0.1", port });
    onTestFinished(() => void socket.destroy());
    expect(await text(socket)).toBe("refused");
  });

  test("EN2 and sends a byte of its greeting now and then has no more time for that", async () => {
    const { port } = await entrance({ arrivalMs: 200 });
    const socket = stranger(port, HALF_HELLO.subarray(0, 1));
    const trickle = setInterval(() => socket.write("\0"), 10);
    onTestFinished(() => clearInterval(trickle));
    await once(socket, "close");
    expect(socket.destroyed).toBe(true);
  });

  test.each([
    ["noise", Buffer.from([0, 1, 2, 3, 255, 254])],
    ["a greeting of noise", HELLO_OF_NOISE],
    ["an alert", Buffer.from([0x15, 3, 1, 0, 2, 1, 0])],
    ["half a line", Buffer.from("hello there")],
  ])("EN2 and sends %s is gone at once, and others are served", async (_, bytes) => {
    const { port } = await entrance({});
    await once(stranger(port, bytes), "close");
    expect((await get(port)).resume().statusCode).toBe(200);
  });

  test("EN2 and opens more than there is room for has the oldest cut, so that who comes by right comes in", async () => {
    const { port, opened } = await entrance({ arrivingMax: 4 });
    const strangers: Socket[] = [];
    for (let at = 0; at < 12; at++) {
      strangers.push(stranger(port, HALF_HELLO));
      expect((await get(port)).resume().statusCode).toBe(200);
    }
    await waitUntil(async () => (await opened()) <= 4, 5_000);
    await waitUntil(() => strangers.filter(({ destroyed }) => destroyed).length >= 8, 5_000);
    expect(strangers.at(-1)?.destroyed).toBe(false);
  });

  test("EN4 and greets without end is answered at a bounded rate, and whoever waits for that comes in", async () => {
    let shown = 0;
    const identity = (): Promise<Identity> => Promise.resolve(door).finally(() => (shown += 1));
    const { port } = await entrance({ greetingsMax: 2, identity });
    const beganAt = performance.now();
    const many = Array.from({ length: 30 }, () => stranger(port, HALF_HELLO));
    expect((await get(port)).resume().statusCode).toBe(200);
    // Two in each 200 ms, and two before the first of these has passed.
    expect(shown).toBeLessThanOrEqual(2 + 2 * Math.ceil((performance.now() - beganAt) / 200));
    expect(many.every(({ destroyed }) => !destroyed)).toBe(true);
  });

  test("EN2 a thousand of them, in turn, leave nothing behind", { timeout: 60_000 }, async () => {
    const { port, opened } = await entrance({ arrivingMax: 16 });
    const kinds = [
      HALF_HELLO,
      HELLO_OF_NOISE,
      Buffer.from("GET / HTTP/1.1\r\n\r\n"),
      Buffer.from([7]),
      Buffer.alloc(0),
    ];
    for (let at = 0; at < 1_000; at++) {
      const socket = stranger(port, kinds[at % kinds.length]);
      await once(socket, "connect");
      if (at % 3 === 0) socket.destroy();
      else if (at % 3 === 1) socket.end();
    }
    await waitUntil(async () => (await opened()) <= 16, 10_000);
    expect((await get(port)).resume().statusCode).toBe(200);
  });
});
