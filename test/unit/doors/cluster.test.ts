/**
 * Goal: only who sits at the queen's machine lets others in, and what a stranger sends is looked at before it is used.
 *
 * @see src/doors/cluster.ts, CD1 CD2; src/protocol/cluster-api.ts
 * @module
 */
import { expect, test } from "vitest";
import { clusterRoutes, type ClusterSeat, type JoinAsked } from "../../../src/doors/cluster.ts";
import { makeKey, makeRequest } from "../../../src/net/authority/certificates.ts";
import type { Joined, Peer, TokenCreated } from "../../../src/protocol/cluster-api.ts";
import { errorData } from "../../../src/protocol/errors.ts";
import type { Answer, Call } from "../../../src/protocol/route.ts";

const CREATED: TokenCreated = {
  schemaVersion: 1,
  id: "t1",
  token: "rbj1_secret",
  url: "https://192.0.2.7:8080",
  fingerprint: "ab",
  endsAt: "2026-01-01T00:00:00.000Z",
};
const JOINED: Joined = { schemaVersion: 1, certificate: "C", authority: "A", clusterId: "rbee-1", queen: "q" };

class Seat implements ClusterSeat {
  readonly did: unknown[] = [];
  tokens = () => Promise.resolve([]);
  createToken(host: string | undefined): Promise<TokenCreated> {
    this.did.push(["create", host]);
    return Promise.resolve(CREATED);
  }
  revokeToken(id: string): Promise<void> {
    this.did.push(["revoke", id]);
    return Promise.resolve();
  }
  join(asked: JoinAsked): Promise<Joined> {
    this.did.push(asked);
    return Promise.resolve(JOINED);
  }
  renew({ name, role }: Peer, request: string): Promise<Joined> {
    this.did.push(["renew", name, role, request]);
    return Promise.resolve(JOINED);
  }
}

const CALL: Call = {
  params: { id: "t1" },
  query: {},
  headers: {},
  body: {},
  local: true,
  signal: new AbortController().signal,
};

async function call(seat: Seat, way: string, more: Partial<Call> = {}): Promise<Answer | string> {
  const route = clusterRoutes(seat).find(({ method, path }) => `${method} ${path}` === way);
  try {
    return (await route?.handle({ ...CALL, ...more })) ?? "no route";
  } catch (thrown) {
    return errorData(thrown).code;
  }
}

const JOIN = "POST /v1/cluster/join";

test("CD1 tokens are made, told and revoked over the node's own socket, and over TCP not, whatever key comes", async () => {
  const seat = new Seat();
  const far = { local: false, caller: { requestId: "r", key: "k1" } };
  for (const { method, path } of clusterRoutes(seat)) {
    if (path.startsWith("/v2/")) expect(await call(seat, `${method} ${path}`, far)).toBe("request.forbidden");
  }
  expect(seat.did).toEqual([]);
  expect(await call(seat, "POST /v2/tokens", { body: { host: "pc" } })).toMatchObject({ status: 201, json: CREATED });
  expect(await call(seat, "DELETE /v2/tokens/:id")).toMatchObject({
    status: 200,
    json: { id: "t1", state: "revoked" },
  });
  expect(await call(seat, "GET /v2/tokens")).toMatchObject({ json: { schemaVersion: 1, tokens: [] } });
  expect(seat.did).toEqual([
    ["create", "pc"],
    ["revoke", "t1"],
  ]);
});

test("CD2 a machine joins from anywhere without a key, by a whole small request and nothing else", async () => {
  const seat = new Seat();
  const request = await makeRequest(makeKey(), "desk");
  const asked = { token: "A".repeat(22), name: "desk", request };
  expect(await call(seat, JOIN, { local: false, body: asked })).toEqual({ status: 201, json: JOINED });
  const wrong = [
    {},
    { ...asked, token: "A".repeat(23) },
    { ...asked, name: "" },
    { ...asked, name: "a\nOU=queen" },
    { ...asked, request: "-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----" },
    { ...asked, request: request.replace("\n", `\n${"A".repeat(5_000)}`) },
    { ...asked, role: "queen" },
  ];
  for (const body of wrong) expect(await call(seat, JOIN, { local: false, body })).toBe("request.invalid");
  expect(seat.did).toEqual([asked]);
  const open = clusterRoutes(seat).filter((route) => route.open === true);
  expect(open.map(({ path, bodyBytesMax }) => [path, bodyBytesMax])).toEqual([
    ["/v1/cluster/join", 8_192],
    ["/v1/cluster/renew", 8_192],
  ]);
});

test("CD3 a certificate is renewed for the name and role that it shows, and a queen's or none not at all", async () => {
  const seat = new Seat();
  const request = await makeRequest(makeKey(), "other");
  const peer = (role: Peer["role"]): Peer => ({ name: "desk", role, key: "cd", fingerprint: "ab" });
  const renew = (more: Partial<Call>): Promise<Answer | string> => call(seat, "POST /v1/cluster/renew", more);
  expect(await renew({ body: { request } })).toBe("request.unauthorized");
  expect(await renew({ body: { request }, peer: peer("queen") })).toBe("request.unauthorized");
  expect(await renew({ body: { request, name: "other" }, peer: peer("hive") })).toBe("request.invalid");
  expect(await renew({ body: { request }, peer: peer("hive") })).toEqual({ status: 201, json: JOINED });
  expect(seat.did).toEqual([["renew", "desk", "hive", request]]);
});
