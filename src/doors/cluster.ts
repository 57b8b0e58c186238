/**
 * The cluster at the door of a node: join tokens, and machines that join.
 *
 * Owns: what a request means and how an answer looks. Does not own: carrying either, tokens or certificates; it talks
 * to a {@link ClusterSeat}.
 *
 *  CD1 Only who may read RBEE_HOME lets machines in: tokens are made, told and revoked over the node's own socket.
 *  CD2 A machine joins without a key, by a token: what it sends is small, and refused before anything is done for it.
 *  CD3 A certificate that is valid is renewed for the name and the role that stand in it, and for no other.
 *
 * @module
 */
import type { z } from "zod";
import {
  joined,
  type Joined,
  joinRequest,
  tokenCreated,
  type TokenCreated,
  tokenRequest,
  tokenRevoked,
  tokensView,
  type Peer,
  renewRequest,
  type TokenView,
} from "../protocol/cluster-api.ts";
import { RbeeError } from "../protocol/errors.ts";
import { parseWith } from "../protocol/parse.ts";
import type { Call, Route } from "../protocol/route.ts";

export type JoinAsked = z.infer<typeof joinRequest>;

/** What the door needs of a node. Each may throw an RbeeError. */
export interface ClusterSeat {
  tokens(): Promise<readonly TokenView[]>;
  /** @param host by which the machine that joins reaches this one; the likeliest where it is not given */
  createToken(host: string | undefined): Promise<TokenCreated>;
  /** Resolves when nobody joins with it any more. */
  revokeToken(id: string): Promise<void>;
  join(asked: JoinAsked): Promise<Joined>;
  renew(peer: Peer, request: string): Promise<Joined>;
}

const NO_MEMBER = "A machine renews its certificate by showing it: this connection shows none of a member.";
/** CD2: a request of any key that is taken is a third of it. */
const JOIN_BYTES_MAX = 8_192;

export function clusterRoutes(seat: ClusterSeat): readonly Route[] {
  return [
    {
      method: "GET",
      path: "/v2/tokens",
      doc: { summary: "The join tokens of the last minutes; over the node's own socket.", answer: tokensView },
      handle: async (call) => {
        localOnly(call);
        const tokens = [...(await seat.tokens())];
        return { status: 200, json: { schemaVersion: 1, tokens } satisfies z.infer<typeof tokensView> };
      },
    },
    {
      method: "POST",
      path: "/v2/tokens",
      doc: {
        summary: "Make a token by which one machine may join, within ten minutes; over the node's own socket.",
        body: tokenRequest,
        status: 201,
        answer: tokenCreated,
      },
      handle: async (call) => {
        localOnly(call);
        return { status: 201, json: await seat.createToken(parseWith(tokenRequest, call.body).host) };
      },
    },
    {
      method: "DELETE",
      path: "/v2/tokens/:id",
      doc: { summary: "Have a join token refused from now on; over the node's own socket.", answer: tokenRevoked },
      handle: async (call) => {
        localOnly(call);
        const id = call.params["id"] ?? "";
        await seat.revokeToken(id);
        return { status: 200, json: { schemaVersion: 1, id, state: "revoked" } satisfies z.infer<typeof tokenRevoked> };
      },
    },
    {
      method: "POST",
      path: "/v1/cluster/join",
      open: true,
      bodyBytesMax: JOIN_BYTES_MAX,
      doc: {
        summary: "Spend a join token for a certificate of a hive; what `rbee join` does.",
        body: joinRequest,
        status: 201,
        answer: joined,
      },
      handle: async (call) => ({ status: 201, json: await seat.join(parseWith(joinRequest, call.body)) }),
    },
    {
      method: "POST",
      path: "/v1/cluster/renew",
      open: true,
      bodyBytesMax: JOIN_BYTES_MAX,
      doc: {
        summary: "Renew a certificate of this cluster, over a connection that shows it.",
        body: renewRequest,
        status: 201,
        answer: joined,
      },
      handle: async ({ peer, body }) => {
        const { request } = parseWith(renewRequest, body);
        if (peer === undefined || peer.role === "queen") throw new RbeeError("request.unauthorized", NO_MEMBER);
        return { status: 201, json: await seat.renew(peer, request) };
      },
    },
  ];
}

/** CD1. */
function localOnly({ local }: Call): void {
  if (local) return;
  throw new RbeeError("request.forbidden", "tokens are made on the queen's own machine: ask there, without RBEE_QUEEN");
}
