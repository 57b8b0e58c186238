/**
 * Goal: where others than this machine reach a door it is kept by keys, over TLS, and pages get no further than their
 *       preflight.
 * Method: a real server on all addresses, with a certificate of an authority made for it.
 * Cites D5 and D8 of src/net/guard.ts.
 */
import { expect, onTestFinished, test } from "vitest";
import { oneKey } from "../../src/net/guard.ts";
import { GUESSES_MAX } from "../../src/net/guesses.ts";
import { createServer, type ServeOptions } from "../../src/net/serve.ts";
import { errorBody } from "../../src/protocol/api.ts";
import type { Route } from "../../src/protocol/route.ts";
import { authorityFor, certified } from "../support/authority.ts";
import { ask, type Reply } from "../support/http.ts";

const routes: readonly Route[] = [
  { method: "GET", path: "/free", open: true, handle: () => ({ status: 200, json: "free" }) },
  { method: "GET", path: "/kept", handle: () => ({ status: 200, json: "kept" }) },
];

type Come = (asked: Omit<Parameters<typeof ask>[0], "port" | "ca">) => Promise<Reply>;

async function openWide(more: Partial<ServeOptions> = {}): Promise<Come> {
  const door = await certified(await authorityFor());
  const { port = 0, close } = await createServer({
    listen: [{ host: "0.0.0.0", port: 0, orNext: false }],
    tls: { identity: () => Promise.resolve(door), failed: () => {} },
    routes,
    hosts: [],
    origins: ["https://page.example"],
    bodyBytesMax: 10_000,
    ...more,
  });
  onTestFinished(() => close(0));
  return (asked) => ask({ port, ca: door.authority, ...asked });
}

const codeOf = (reply: Reply): string => errorBody.parse(reply.json()).error.code;

test("D8 tells who has sent too many wrong keys how long none is looked at, and goes on to say so", async () => {
  const refused: string[] = [];
  const come = await openWide({ keys: oneKey("right"), refused: ({ error }) => void refused.push(error.code) });
  const say = (word: string): Promise<Reply> => come({ path: "/kept", headers: { authorization: `Bearer ${word}` } });
  expect((await say("right")).status).toBe(200);
  for (let at = 0; at < GUESSES_MAX; at++) expect((await say(`wrong${at}`)).status).toBe(401);
  for (const word of ["right", "wrong"]) {
    const reply = await say(word);
    expect([reply.status, codeOf(reply)]).toEqual([429, "key.guesses"]);
    expect(Number(reply.headers["retry-after"])).toBeGreaterThan(0);
  }
  expect((await come({ path: "/free" })).status).toBe(200);
  expect(refused.slice(-2)).toEqual(["key.guesses", "key.guesses"]);
});

test("answers the preflight of a listed page, which brings no key, and serves it nothing without one", async () => {
  const come = await openWide();
  const headers = { origin: "https://page.example" };
  const preflight = { path: "/kept", method: "OPTIONS" };
  expect((await come({ ...preflight, headers })).status).toBe(204);
  expect((await come({ ...preflight, headers: { origin: "https://b.example" } })).status).toBe(403);
  expect((await come(preflight)).status).toBe(401);
  expect((await come({ path: "/kept", headers })).status).toBe(401);
});

test("D5 opens to nobody without a key, on whatever path", async () => {
  const come = await openWide();
  for (const path of ["/kept", "/nowhere"]) {
    const reply = await come({ path, headers: { authorization: "Bearer rbee_guess" } });
    const challenge = reply.headers["www-authenticate"];
    expect([reply.status, codeOf(reply), challenge]).toEqual([401, "request.unauthorized", "Bearer"]);
  }
});
