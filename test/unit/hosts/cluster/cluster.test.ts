/**
 * Goal: a wrong token costs the queen nothing, a right one is hers to decide, and only then is a certificate made.
 * Method: her own handlers over her tables, asked through the node's own asks.
 *
 * @see src/hosts/cluster/cluster.ts, CU1 to CU5
 * @module
 */
import { X509Certificate } from "node:crypto";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { QueenEvent } from "../../../../machines/queen-events.ts";
import { answerMachines, removeMachine } from "../../../../src/actors/queen/machines.ts";
import { joinTokens } from "../../../../src/actors/queen/tables.ts";
import { answerTokens, createToken, revokeToken, spendToken } from "../../../../src/actors/queen/tokens.ts";
import { Authority } from "../../../../src/hosts/cluster/authority.ts";
import { Cluster } from "../../../../src/hosts/cluster/cluster.ts";
import { DoorAsks } from "../../../../src/hosts/porter/door-asks.ts";
import type { News } from "../../../../src/hosts/watching/news.ts";
import { makeKey, makeRequest, publicKeyOf } from "../../../../src/net/authority/certificates.ts";
import { keyHash } from "../../../../src/net/authority/identity.ts";
import { readToken } from "../../../../src/net/authority/join-token.ts";
import { errorData } from "../../../../src/protocol/errors.ts";
import type { Frame } from "../../../../src/runtime/envelope.ts";
import { queenStage } from "../../../support/queen-stage.ts";
import { temporaryFolder } from "../../../support/temporary.ts";

const HANDLERS = {
  tokens: answerTokens,
  "create.token": createToken,
  "revoke.token": revokeToken,
  "spend.token": spendToken({ name: "queen" }),
  machines: answerMachines,
  "remove.machine": removeMachine,
} as const;
const isAsked = (type: string): type is keyof typeof HANDLERS => Object.hasOwn(HANDLERS, type);

class Place {
  readonly stage = queenStage();
  readonly asked: string[] = [];
  readonly news: News[] = [];
  readonly removed: string[] = [];
  readonly cluster: Cluster;
  readonly #doors: DoorAsks;

  constructor(hosts: readonly string[]) {
    this.#doors = new DoorAsks("porter/door/main", (_, frames) => {
      for (const frame of frames) queueMicrotask(() => this.#answer(frame));
    });
    const home = join(temporaryFolder(), "home");
    const said = { hosts: () => hosts, now: Date.now, log: () => {} };
    this.cluster = new Cluster({
      doors: this.#doors,
      authority: new Authority({ home, name: "queen", ...said }),
      hosts: () => hosts,
      port: () => 8080,
      tell: (news) => this.news.push(news),
      removed: (name) => this.removed.push(name),
    });
  }

  #answer(frame: Frame): void {
    if (frame.kind !== "mail") return;
    const { event, re } = frame.envelope;
    const { type } = event;
    this.asked.push(type);
    if (!isAsked(type)) throw new Error(`${type} is not asked here`);
    const cue = { event: event as QueenEvent, asked: true, serial: this.asked.length };
    for (const command of this.stage.play(HANDLERS[type], undefined, cue)) {
      if (command.do === "reply") this.#doors.answered(re?.id ?? "", command.result);
    }
  }

  /** @returns whom it has become, or why not */
  async join(token: string, name: string, key = makeKey()): Promise<string> {
    const request = await makeRequest(key, "whatever");
    return this.cluster.join({ token, name, request }).then(
      ({ certificate }) => new X509Certificate(certificate).subject.split("\n").slice(1).join(" "),
      (thrown: unknown) => errorData(thrown).code,
    );
  }
}

describe("the cluster at the door", () => {
  test("CU1 a token says where and by whom, its secret is hashed for her, and the likeliest way to here is named", async () => {
    const place = new Place(["192.0.2.7", "pc", "127.0.0.1"]);
    const { token, url, fingerprint } = await place.cluster.createToken(undefined);
    const read = readToken(token);
    expect(read).toMatchObject({ url, fingerprint });
    expect(url).toBe("https://192.0.2.7:8080");
    expect((await place.cluster.createToken("pc")).url).toBe("https://pc:8080");
    await expect(place.cluster.createToken("other")).rejects.toMatchObject({ code: "request.invalid" });
    expect(JSON.stringify(place.stage.all(joinTokens))).not.toContain(read.secret);
  });

  test("CU3 the queen says whose token it is; then its machine is a hive by the name it gave, whatever its request says", async () => {
    const place = new Place(["localhost"]);
    const { secret } = readToken((await place.cluster.createToken(undefined)).token);
    const key = makeKey();
    expect(await place.join(secret, "desk", key)).toBe("OU=hive CN=desk");
    expect(await place.join(secret, "desk", key)).toBe("OU=hive CN=desk");
    expect(await place.join(secret, "desk")).toBe("token.refused");
    expect(place.news.map(({ event }) => event)).toEqual(["token.created", "machine.certified", "machine.certified"]);
    expect(place.news[1]).toMatchObject({ name: "desk" });
    expect(await place.cluster.tokens()).toMatchObject([{ state: "spent", spentBy: "desk" }]);
  });

  test("CU2 a secret that is none is refused without asking her, also when it was one and is revoked", async () => {
    const place = new Place(["localhost"]);
    const { token, id } = await place.cluster.createToken(undefined);
    await place.cluster.revokeToken(id);
    const before = place.asked.length;
    expect(await place.join(readToken(token).secret, "desk")).toBe("token.refused");
    expect(await place.join("A".repeat(22), "desk")).toBe("token.refused");
    expect(place.asked).toHaveLength(before);
  });

  test("CU4 a machine that was removed is let in no more, and its key is certified no more, by no token", async () => {
    const place = new Place(["localhost"]);
    const secret = async (): Promise<string> => readToken((await place.cluster.createToken(undefined)).token).secret;
    const key = makeKey();
    await place.join(await secret(), "desk", key);
    const peer = { role: "hive", name: "desk", key: keyHash(publicKeyOf(key)), fingerprint: "" } as const;
    expect(place.cluster.admits(peer)).toBe(true);
    await place.cluster.remove("desk");
    expect([place.cluster.admits(peer), place.removed]).toEqual([false, ["desk"]]);
    expect(await place.join(await secret(), "lamp", key)).toBe("machine.removed");
    expect(await place.join(await secret(), "desk")).toBe("OU=hive CN=desk");
    await expect(place.cluster.remove("desk2")).rejects.toMatchObject({ code: "hive.unknown" });
  });

  test("CU5 what gives or takes a right is told, once it is so", async () => {
    const place = new Place(["localhost"]);
    const { id: token, token: word } = await place.cluster.createToken(undefined);
    const { id: other } = await place.cluster.createToken(undefined);
    await place.join(readToken(word).secret, "desk");
    await place.cluster.revokeToken(other);
    await place.cluster.remove("desk");
    await expect(place.cluster.revokeToken("t99")).rejects.toMatchObject({ code: "request.not.found" });
    await expect(place.cluster.remove("desk2")).rejects.toMatchObject({ code: "hive.unknown" });
    expect(place.news).toEqual([
      { event: "token.created", token },
      { event: "token.created", token: other },
      { event: "machine.certified", name: "desk", fingerprint: expect.stringMatching(/^[0-9a-f]{64}$/) },
      { event: "token.revoked", token: other },
      { event: "machine.removed", name: "desk" },
    ]);
  });

  test("CU4 a certificate is renewed for the key of the one before, and for no other", async () => {
    const place = new Place(["localhost"]);
    const key = makeKey();
    const peer = { role: "hive", name: "desk", key: keyHash(publicKeyOf(key)), fingerprint: "" } as const;
    const renewed = await place.cluster.renew(peer, await makeRequest(key, "desk"));
    expect(new X509Certificate(renewed.certificate).publicKey.export({ type: "spki", format: "pem" })).toBe(
      publicKeyOf(key),
    );
    await expect(place.cluster.renew(peer, await makeRequest(makeKey(), "desk"))).rejects.toMatchObject({
      code: "request.forbidden",
    });
  });
});
