/**
 * API keys at the door of a node: making, telling and revoking them.
 *
 * Owns: what a request means and how an answer looks. Does not own: carrying either, or any key; it talks to a
 * {@link KeysSeat}.
 *
 *  KD1 Only who may read RBEE_HOME gives rights: all of it is refused over TCP, whatever key it comes with.
 *  KD2 A key stands in one answer, the one that makes it.
 *
 * @module
 */
import type { z } from "zod";
import type { KeyLimit } from "../../machines/rules/quota.ts";
import { RbeeError } from "../protocol/errors.ts";
import { keyCreated, keyRequest, keyRevoked, keysView, type KeyView } from "../protocol/key-api.ts";
import { parseWith } from "../protocol/parse.ts";
import type { Answer, Call, Route } from "../protocol/route.ts";

/** What the door needs of a node. Each may throw an RbeeError. */
export interface KeysSeat {
  list(): Promise<readonly KeyView[]>;
  /** @returns the key */
  create(name: string, limits: readonly KeyLimit[]): Promise<string>;
  /** Resolves when no request with it is taken any more. */
  revoke(name: string): Promise<void>;
}

export function keyRoutes(seat: KeysSeat): readonly Route[] {
  return [
    {
      method: "GET",
      path: "/v2/keys",
      doc: { summary: "The API keys and what each has used; over the node's own socket.", answer: keysView },
      handle: (call) => list(seat, call),
    },
    {
      method: "POST",
      path: "/v2/keys",
      doc: {
        summary: "Make an API key; over the node's own socket.",
        body: keyRequest,
        status: 201,
        answer: keyCreated,
      },
      handle: (call) => create(seat, call),
    },
    {
      method: "DELETE",
      path: "/v2/keys/:name",
      doc: { summary: "Have an API key refused from now on; over the node's own socket.", answer: keyRevoked },
      handle: (call) => revoke(seat, call),
    },
  ];
}

/** KD1. */
function localOnly({ local }: Call): void {
  if (local) return;
  throw new RbeeError("request.forbidden", "keys are given on the node's own machine: ask there, without RBEE_QUEEN");
}

async function list(seat: KeysSeat, call: Call): Promise<Answer> {
  localOnly(call);
  const keys = [...(await seat.list())];
  return { status: 200, json: { schemaVersion: 1, keys } satisfies z.infer<typeof keysView> };
}

async function create(seat: KeysSeat, call: Call): Promise<Answer> {
  localOnly(call);
  const { name, limits } = parseWith(keyRequest, call.body);
  const key = await seat.create(name, limits);
  return { status: 201, json: { schemaVersion: 1, name, key } satisfies z.infer<typeof keyCreated> };
}

async function revoke(seat: KeysSeat, call: Call): Promise<Answer> {
  localOnly(call);
  const name = call.params["name"] ?? "";
  await seat.revoke(name);
  return { status: 200, json: { schemaVersion: 1, name, state: "revoked" } satisfies z.infer<typeof keyRevoked> };
}
