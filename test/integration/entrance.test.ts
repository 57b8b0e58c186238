/**
 * Goal: a door that others reach says nothing in the clear, and knows machines by their certificates alone.
 * Method: a real server with a link to upgrade at; real TLS clients with every wrong certificate.
 *
 * @see src/net/entrance.ts, EN1 EN3; src/net/serve.ts, S8 S9; src/net/authority/identity.ts, ID1 ID2
 */
import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import { Agent, request, type RequestOptions } from "node:https";
import { type AddressInfo, connect as connectPlain } from "node:net";
import type { Duplex } from "node:stream";
import { text } from "node:stream/consumers";
import { connect, type ConnectionOptions, createServer as createTlsServer } from "node:tls";
import { beforeAll, describe, expect, onTestFinished, test } from "vitest";
import type { Identity } from "../../src/net/authority/identity.ts";
import { authorityBehind } from "../../src/net/authority/pinned.ts";
import { publicKeyOf } from "../../src/net/authority/certificates.ts";
import { fingerprintOf, keyHash } from "../../src/net/authority/identity.ts";
import { createServer, type RunningServer, type ServeOptions } from "../../src/net/serve.ts";
import { errorBody } from "../../src/protocol/api.ts";
import type { Peer, Role } from "../../src/protocol/cluster-api.ts";
import { errorData } from "../../src/protocol/errors.ts";
import type { Route } from "../../src/protocol/route.ts";
import { authorityFor, certified } from "../support/authority.ts";
import { waitUntil } from "../support/children.ts";
import { ask, rawConnection } from "../support/http.ts";

const DAY_MS = 86_400_000;
const LINK = "/v1/cluster/link";
const FAR = { host: "0.0.0.0", port: 0, orNext: false };
const NEAR = { host: "127.0.0.1", port: 0, orNext: false };
const routes: readonly Route[] = [
  { method: "GET", path: "/free", open: true, handle: () => ({ status: 200, json: "free" }) },
  { method: "POST", path: "/small", open: true, bodyBytesMax: 20, handle: () => ({ status: 200, json: "small" }) },
];

let authority: Awaited<ReturnType<typeof authorityFor>>;
let door: Identity;
beforeAll(async () => {
  authority = await authorityFor();
  door = await certified(authority);
});

interface Opened extends RunningServer {
  readonly linked: Peer[];
}

async function open(more: Partial<ServeOptions> = {}): Promise<Opened> {
  const linked: Peer[] = [];
  const sockets: Duplex[] = [];
  const server = await createServer({
    listen: [FAR],
    routes,
    hosts: [],
    origins: [],
    bodyBytesMax: 1_000,
    tls: { identity: () => Promise.resolve(door), failed: () => {} },
    upgrades: [
      {
        path: LINK,
        roles: ["hive", "queen"],
        take: (_, socket, head, peer) => {
          linked.push(peer);
          socket.write("HTTP/1.1 101 Switching Protocols\r\nUpgrade: bees\r\nConnection: Upgrade\r\n\r\n");
          socket.write(head);
          socket.on("error", () => {}).pipe(socket);
          sockets.push(socket);
        },
        leave: () => {
          for (const socket of sockets) socket.write("goodbye");
        },
      },
    ],
    ...more,
  });
  onTestFinished(() => server.close(0));
  return { ...server, linked };
}

const trusting = (port: number | undefined, more: ConnectionOptions = {}): ConnectionOptions => ({
  host: "127.0.0.1",
  port,
  ca: authority.certificate,
  ...more,
});

function get(port: number | undefined, path: string, more: RequestOptions = {}): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    request({ ...trusting(port), path, agent: false, ...more }, resolve)
      .once("error", reject)
      .end();
  });
}

/** What the door says to somebody who wants to be linked: the upgrade, or a refusal and the end. */
async function link(port: number | undefined, who: ConnectionOptions, headers = "", path = LINK): Promise<string> {
  const socket = connect(trusting(port, who));
  onTestFinished(() => void socket.destroy());
  socket.on("error", () => {});
  socket.write(`GET ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: bees\r\n${headers}\r\nhead`);
  let heard = "";
  socket.setEncoding("utf8").on("data", (piece: string) => {
    heard += piece;
    if (heard.endsWith("head")) socket.end();
  });
  await once(socket, "close");
  return heard.split("\r\n", 1)[0] ?? "";
}

const shown = ({ key, certificate }: Identity): ConnectionOptions => ({ key, cert: certificate });

describe("a door that others reach", () => {
  test("S8 says that it is reached by https, serves there, and a client that trusts nobody sends nothing", async () => {
    const { url, port } = await open();
    expect(url).toBe(`https://0.0.0.0:${port}`);
    expect(await get(port, "/free").then(text)).toBe('"free"');
    await expect(get(port, "/free", { ca: [] })).rejects.toMatchObject({ code: "SELF_SIGNED_CERT_IN_CHAIN" });
  });

  test("S8 does not open without a certificate", async () => {
    const listen = { listen: [FAR], routes, hosts: [], origins: [], bodyBytesMax: 1 };
    await expect(createServer(listen)).rejects.toMatchObject({ code: "defect" });
  });

  test("EN1 request.plain: what is said in the clear is answered with that alone, and its connection ends", async () => {
    const { port } = await open();
    const reply = await ask({ port, path: "/free" });
    expect([reply.status, errorBody.parse(reply.json()).error.code]).toEqual([400, "request.plain"]);
    expect(reply.headers.connection).toBe("close");
  });

  test("a route takes no larger body than its own bound", async () => {
    const { port } = await open();
    const sent = request({ ...trusting(port), path: "/small", method: "POST", agent: false });
    sent.setHeader("content-type", "application/json").end(JSON.stringify("x".repeat(30)));
    const [response] = (await once(sent, "response")) as [IncomingMessage];
    expect(response.resume().statusCode).toBe(413);
  });

  test("EN3 a renewed certificate is shown to whoever comes next, and cuts nobody", async () => {
    const [first, second] = [await certified(authority), await certified(authority)];
    let now = first;
    const { port } = await open({ tls: { identity: () => Promise.resolve(now), failed: () => {} } });
    const kept = connect(trusting(port));
    onTestFinished(() => void kept.destroy());
    await once(kept, "secureConnect");
    now = second;
    const later = connect(trusting(port));
    onTestFinished(() => void later.destroy());
    await once(later, "secureConnect");
    const seen = [kept, later].map((socket) => socket.getPeerX509Certificate()?.toString());
    expect(seen).toEqual([first.certificate, second.certificate]);
    kept.write("GET /free HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    expect(await text(kept)).toContain("200 OK");
  });

  test("a door that cannot show who it is turns away who comes, says so, and serves the next", async () => {
    const failures: unknown[] = [];
    let isBroken = true;
    const identity = () => (isBroken ? Promise.reject(new Error("no disk")) : Promise.resolve(door));
    const { port } = await open({ tls: { identity, failed: (thrown) => failures.push(thrown) } });
    await expect(get(port, "/free")).rejects.toMatchObject({ code: "ECONNRESET" });
    expect(failures.map((thrown) => errorData(thrown).message)).toEqual(["no disk"]);
    isBroken = false;
    expect((await get(port, "/free")).resume().statusCode).toBe(200);
  });
});

describe("a door on loopback", () => {
  test("S8 takes both at one port: plain without a certificate being made, and TLS", async () => {
    let asked = 0;
    const identity = (): Promise<Identity> => Promise.resolve(door).finally(() => (asked += 1));
    const { url, port } = await open({ listen: [NEAR], tls: { identity, failed: () => {} } });
    expect(url).toBe(`http://127.0.0.1:${port}`);
    expect([(await ask({ port, path: "/free" })).status, asked]).toEqual([200, 0]);
    expect((await get(port, "/free")).resume().statusCode).toBe(200);
  });

  test("a request that comes byte by byte, and two in one piece, are answered as without TLS beside", async () => {
    const { port } = await open({ listen: [NEAR] });
    const one = "GET /free HTTP/1.1\r\nHost: localhost\r\n";
    const slow = await rawConnection(port, "G");
    for (const letter of `${one.slice(1)}Connection: close\r\n\r\n`) {
      await new Promise((resolve) => setImmediate(resolve));
      slow.write(letter);
    }
    const both = await rawConnection(port, `${one}\r\n${one}Connection: close\r\n\r\n`);
    const [slowly, twice] = await Promise.all([text(slow), text(both)]);
    expect([slowly.match(/200 OK/g)?.length, twice.match(/200 OK/g)?.length]).toEqual([1, 2]);
  });
});

describe("a client over TLS", () => {
  test("HC1 S3 is answered where it has closed its side, and leaves its call where it has gone", async () => {
    const asked = Promise.withResolvers<undefined>();
    const left = Promise.withResolvers<undefined>();
    const answer = Promise.withResolvers<undefined>();
    const slow: Route = {
      method: "GET",
      path: "/slow",
      open: true,
      handle: async ({ signal }) => {
        signal.addEventListener("abort", () => left.resolve(undefined));
        asked.resolve(undefined);
        await answer.promise;
        return { status: 200, json: "slow" };
      },
    };
    const { port } = await open({ routes: [slow] });
    const question = "GET /slow HTTP/1.1\r\nHost: localhost\r\n\r\n";
    const gone = connect(trusting(port));
    gone.on("error", () => {}).write(question);
    await asked.promise;
    gone.destroy();
    await left.promise;
    const halfOpen = connectPlain({ host: "127.0.0.1", port: port ?? 0, allowHalfOpen: true });
    const closed = connect({ ...trusting(port), socket: halfOpen });
    closed.end(question);
    await once(closed, "secureConnect");
    answer.resolve(undefined);
    expect(await text(closed)).toContain('"slow"');
  });
});

describe("a link", () => {
  test.each<Role>(["hive", "queen"])(
    "S9 ID2 is opened for a %s, known by its name, and hears what came behind",
    async (role) => {
      const { port, linked } = await open();
      const peer = await certified(authority, role, { name: "desk" });
      expect(await link(port, shown(peer))).toBe("HTTP/1.1 101 Switching Protocols");
      expect(linked).toEqual([
        { role, name: "desk", key: keyHash(publicKeyOf(peer.key)), fingerprint: fingerprintOf(peer.certificate) },
      ]);
    },
  );

  test("S9 ID1 is refused to a client, to nobody's certificate, another authority's, one that has ended, and a page", async () => {
    const { port, linked } = await open();
    const other = await authorityFor();
    const ended = { name: "desk", atMs: Date.now() - 366 * DAY_MS, hosts: [] };
    const hive = await certified(authority, "hive");
    const strangers: readonly (readonly [ConnectionOptions, string])[] = [
      [{}, ""],
      [shown(await certified(authority, "client")), ""],
      [shown(await certified(other, "hive")), ""],
      [shown(await certified(authority, "hive", ended)), ""],
      [shown({ ...authority, authority: "" }), ""],
      [shown(hive), "Origin: https://page.example\r\n"],
    ];
    for (const [who, headers] of strangers) expect(await link(port, who, headers)).toBe("HTTP/1.1 403 Forbidden");
    expect(linked).toEqual([]);
  });

  test("ID1 is refused over a connection that has lasted longer than its certificate", async () => {
    const { port, linked } = await open();
    const atMs = Date.now() - 365 * DAY_MS + 3_000;
    const socket = connect(trusting(port, shown(await certified(authority, "hive", { atMs }))));
    onTestFinished(() => void socket.destroy());
    await once(socket, "secureConnect");
    await waitUntil(() => Date.now() > atMs + 365 * DAY_MS, 10_000);
    socket.write(`GET ${LINK} HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: bees\r\n\r\n`);
    expect(await text(socket)).toContain("403 Forbidden");
    expect(linked).toEqual([]);
  });

  test("S10 who is let in no more is nobody from the next request on, over the same connection too", async () => {
    let isIn = true;
    const whoami: Route = {
      method: "GET",
      path: "/who",
      handle: ({ peer }) => ({ status: 200, json: peer?.name ?? "" }),
    };
    const { port } = await open({ routes: [...routes, whoami], admits: () => isIn });
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    onTestFinished(() => agent.destroy());
    const { key, certificate: cert } = await certified(authority, "hive", { name: "desk" });
    const said = async (): Promise<string> => text(await get(port, "/who", { agent, key, cert }));
    expect(await said()).toBe('"desk"');
    isIn = false;
    expect(await said()).toContain("machine.removed");
  });

  test("ID1 whoever resumes a session without ever having shown a certificate has no role", async () => {
    const { port, linked } = await open();
    const before = connect(trusting(port));
    const [session] = (await once(before, "session")) as [Buffer];
    before.destroy();
    const again = connect(trusting(port, { session }));
    onTestFinished(() => void again.destroy());
    await once(again, "secureConnect");
    expect(again.isSessionReused()).toBe(true);
    expect(await link(port, { session })).toBe("HTTP/1.1 403 Forbidden");
    expect(linked).toEqual([]);
  });

  test("S9 is not opened in the clear, and elsewhere asking for one is passed over", async () => {
    const { port, linked } = await open({ listen: [NEAR] });
    const upgrade = "Host: localhost\r\nConnection: Upgrade, close\r\nUpgrade: h2c\r\n\r\n";
    expect(await text(await rawConnection(port, `GET ${LINK} HTTP/1.1\r\n${upgrade}`))).toContain("403 Forbidden");
    expect(await text(await rawConnection(port, `GET /free HTTP/1.1\r\n${upgrade}`))).toContain("200 OK");
    expect(linked).toEqual([]);
  });

  test("S9 ends with the server and a goodbye, as soon as nothing else is connected", async () => {
    const { port, close } = await open();
    const socket = connect(trusting(port, shown(await certified(authority, "hive"))));
    socket.on("error", () => {});
    socket.write(`GET ${LINK} HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: bees\r\n\r\n`);
    await once(socket, "data");
    const said = text(socket);
    // Far longer than the test may take.
    await close(600_000);
    expect(await said).toBe("goodbye");
  });
});

describe("whoever trusts an authority by its fingerprint", () => {
  test("PI1 is given its certificate, and goes no further with another's door", async () => {
    const { port } = await open();
    const place = { host: "127.0.0.1", port: port ?? 0 };
    const fingerprint = fingerprintOf(authority.certificate);
    expect(await authorityBehind(place, fingerprint)).toBe(authority.certificate);
    const other = fingerprintOf((await authorityFor()).certificate);
    await expect(authorityBehind(place, other)).rejects.toMatchObject({ code: "queen.untrusted" });
    await expect(authorityBehind({ host: "127.0.0.1", port: 1 }, other)).rejects.toMatchObject({
      code: "queen.not.listening",
    });
  });

  test("CE1 a hive that plays the queen, with the certificate that it has, is not taken for her", async () => {
    const hive = await certified(authority, "hive");
    const played = createTlsServer({ key: hive.key, cert: hive.certificate + authority.certificate });
    played.on("tlsClientError", () => {}).listen(0, "127.0.0.1");
    onTestFinished(() => void played.close());
    await once(played, "listening");
    const { port } = played.address() as AddressInfo;
    await expect(get(port, "/free")).rejects.toMatchObject({ code: "INVALID_PURPOSE" });
  });
});
