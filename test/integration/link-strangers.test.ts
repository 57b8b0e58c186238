/**
 * Goal: whatever comes to the port of the links from somebody who is not of the cluster, or who is and does not keep to
 *       his part, changes nothing there and costs little; a machine that is linked hears nothing of it.
 * Method: a real queen with a real member; beside them sockets that send noise, and a machine that has joined and then
 *       says what it may not.
 *
 * @see src/net/link/link.ts, LK1 LK2; src/net/link/transit.ts, TR1; src/net/link/hello.ts, HE1 to HE4;
 *      src/hosts/cluster/permitted.ts, PM1; DESIGN.md of src/runtime for RC3, RC5, RM9
 */
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { address } from "../../machines/words.ts";
import { authorityKeyFile, readKeyFile } from "../../src/hosts/cluster/key-file.ts";
import { linkAddress } from "../../src/hosts/cluster/link-address.ts";
import { makeKey } from "../../src/net/authority/certificates.ts";
import { joinCluster, type Membership } from "../../src/net/authority/join.ts";
import { readToken } from "../../src/net/authority/join-token.ts";
import { FrameWriter } from "../../src/net/link/frame.ts";
import { helloOf } from "../../src/net/link/hello.ts";
import { packMail, packSignal } from "../../src/net/link/messages.ts";
import { dialWebSocket, type LinkTls } from "../../src/net/link/over-ws.ts";
import { hear, type Hello, say } from "../../src/net/link/words.ts";
import { tokenCreated } from "../../src/protocol/cluster-api.ts";
import type { Frame } from "../../src/runtime/envelope.ts";
import { authorityFor, certified } from "../support/authority.ts";
import { waitUntil } from "../support/children.ts";
import { LAUNCHER } from "../support/keeper.ts";
import { startNode, type TestNode } from "../support/node-harness.ts";
import { temporaryFolder } from "../support/temporary.ts";

const WITHIN_MS = 60_000;
const MIB = 2 ** 20;
/** What a garbage collector leaves about. */
const GROWTH_BYTES_MAX = 64 * MIB;

/** A machine that has joined, and says over the wire what it pleases. */
class Machine {
  readonly #member: Membership;
  #life = Date.now();

  constructor(member: Membership) {
    this.#member = member;
  }

  hello(given: Partial<Hello> = {}): Hello {
    const { clusterId: cluster, name: node } = this.#member;
    this.#life += 1;
    const self = {
      cluster,
      node,
      life: this.#life,
      instance: randomBytes(8).toString("hex"),
      roles: ["hive"],
    } as const;
    return { ...helloOf({ ...self, roles: [...self.roles] }), ...given };
  }

  /** @returns why the queen ended it */
  async told(hello: Hello, frames: readonly Buffer[] = [], tls: LinkTls = this.tls): Promise<string> {
    const ws = dialWebSocket(linkAddress(this.#member.url), tls);
    onTestFinished(() => ws.terminate());
    let why = "nothing was said";
    ws.on("error", (error) => (why = error.message));
    ws.once("open", () => ws.send(say(hello)));
    ws.on("message", (data: Buffer, isBinary) => {
      const word = isBinary ? undefined : hear(data.toString());
      if (word?.word === "welcome") {
        ws.send(say({ word: "welcome" }));
        for (const frame of frames) ws.send(frame);
      }
      if (word !== undefined && "error" in word) why = `${word.error.code}: ${word.error.message}`;
    });
    await new Promise((resolve) => ws.once("close", resolve));
    return why;
  }

  get tls(): LinkTls {
    const { authority: ca, certificate: cert, key } = this.#member;
    return { ca, cert, key };
  }
}

const frameOf = (number: number, ...messages: readonly Uint8Array[]): Buffer => {
  const writer = new FrameWriter();
  for (const bytes of messages) writer.add({ lane: "control", pipe: 0, more: false, end: false, bytes });
  return writer.finish(number, 0);
};
const PING = packSignal({ kind: "ping" });

/** Noise of many kinds, some of which stays open. */
async function noise(port: number): Promise<void> {
  const stranger = (bytes: Buffer): Socket => {
    const socket = connect({ host: "127.0.0.1", port });
    onTestFinished(() => void socket.destroy());
    socket.on("error", () => {}).resume();
    socket.write(bytes);
    return socket;
  };
  const upgrade =
    "GET /v1/cluster/link HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n";
  const ended: Promise<unknown>[] = [];
  for (let n = 0; n < 50; n += 1) {
    stranger(Buffer.alloc(0));
    stranger(Buffer.from([0x16, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3, 3]));
    for (const bytes of [
      randomBytes(2000),
      Buffer.concat([Buffer.from([0x16, 3, 1, 0, 200]), randomBytes(200)]),
      Buffer.from(upgrade),
    ]) {
      const socket = stranger(bytes);
      ended.push(once(socket, "close"));
      socket.end();
    }
  }
  await Promise.all(ended);
}

const rssBytes = ({ pid }: TestNode): number =>
  Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]) * 1024;

test("RC5 RM9 LK1 LK2 strangers, and a machine that says what it may not, change nothing and disturb nobody", async () => {
  const queen = await startNode({ warm: true, args: ["--name", "alpha", "--listen", "127.0.0.1:0"] });
  const token = async (): Promise<string> =>
    tokenCreated.parse((await queen.call("POST", "/v2/tokens", {})).json()).token;
  const program = [LAUNCHER, "join", await token(), "--name", "beta", "--json"];
  const beta = await startNode({ home: join(temporaryFolder(), "home"), program, args: [] });
  const hives = async () =>
    (await queen.status()).hives.map(({ name, state, pid, workers }) => ({
      name,
      state,
      pid,
      workers: workers.length,
    }));
  await waitUntil(
    async () => (await hives()).some(({ pid, state }) => pid === beta.pid && state === "serving"),
    WITHIN_MS,
  );
  await waitUntil(async () => (await hives()).some(({ workers }) => workers === 1), WITHIN_MS);
  const before = await hives();
  const { epoch } = (await queen.status()).queen;
  const port = Number(new URL(queen.ready.url).port);

  await noise(port);
  const restBytes = rssBytes(queen);
  for (let round = 0; round < 4; round += 1) await noise(port);
  expect(rssBytes(queen) - restBytes).toBeLessThan(GROWTH_BYTES_MAX);

  const member = await joinCluster(readToken(await token()), { name: "gamma", key: makeKey() });
  const gamma = new Machine(member);
  const authority = readKeyFile(authorityKeyFile(queen.home));
  if (authority === undefined) throw new Error("there is no authority");
  const client = await certified(authority, "client", { name: "gamma", hosts: [] });
  const foreign = await certified(await authorityFor(member.clusterId), "hive", { name: "gamma", hosts: [] });
  const as = ({ key, certificate: cert }: typeof client): LinkTls => ({ ...gamma.tls, key, cert });
  expect(await gamma.told(gamma.hello(), [], as(client))).toContain("403");
  expect(await gamma.told(gamma.hello(), [], as(foreign))).toContain("403");
  expect(await gamma.told(gamma.hello(), [], { ca: gamma.tls.ca })).toContain("403");

  const other = await gamma.told(gamma.hello({ versions: { min: 7, max: 9 } }));
  expect(other).toMatch(/^link\.version: .*versions 7 to 9.*versions 1 to 2/);
  expect(await gamma.told(gamma.hello({ node: "beta" }))).toMatch(/^link\.foreign: .*beta.*gamma/);
  expect(await gamma.told(gamma.hello({ roles: ["queen"] }))).toMatch(/^link\.role: .*queen.*hive/);
  expect(await gamma.told(gamma.hello({ cluster: "rbee-other" }))).toMatch(/^link\.cluster: /);

  // A frame that comes again, one that is none, and mail in the name of others.
  const ping = frameOf(1, PING);
  expect(await gamma.told(gamma.hello(), [ping, ping])).toMatch(/^link\.invalid: .*number is 1 and not 2/);
  expect(await gamma.told(gamma.hello(), [randomBytes(500)])).toMatch(/^link\.invalid: /);
  const posing = packSignal({ kind: "up", host: "queen", life: 1 });
  expect(await gamma.told(gamma.hello(), [frameOf(1, posing)])).toMatch(/^link\.role: .*no host queen/);
  const betas = packSignal({ kind: "up", host: "hive@beta", life: 1 });
  expect(await gamma.told(gamma.hello(), [frameOf(1, betas)])).toMatch(/^link\.role: .*no host hive@beta/);
  const own = packSignal({ kind: "up", host: "hive@gamma", life: 1 });
  const revoking = packMail(mailTo("queen", "hive@gamma", { type: "drain" }), { bytesMax: MIB, version: 1 });
  expect(await gamma.told(gamma.hello(), [frameOf(1, own, ...revoking)])).toMatch(/^link\.role: .*not its to say/);
  // What a machine said in an earlier life of it.
  const life = Date.now() - 1_000_000;
  expect(await gamma.told(gamma.hello({ life }))).toMatch(/^link\.stale: /);

  await waitUntil(
    async () => (await hives()).every(({ name, state }) => name !== "gamma" || state === "away"),
    WITHIN_MS,
  );
  expect((await hives()).filter(({ name }) => name !== "gamma")).toEqual(before);
  expect((await queen.status()).queen.epoch).toBe(epoch);
  expect(queen.stderr).not.toContain("the link to beta is gone");
}, 120_000);

function mailTo(to: string, from: string, said: { readonly type: string }) {
  const frame: Frame = {
    kind: "mail",
    envelope: {
      from: address(from, "hive", "main"),
      to: address(to, "queen", "main"),
      event: said,
      lane: "control",
      n: 0,
      label: "private",
    },
  };
  return { kind: "mail", from, fromLife: 1, to, toLife: 0, frames: [frame] } as const;
}
