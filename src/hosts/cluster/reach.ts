/**
 * Whether this machine's queen would have it, and if not, why: asked without becoming anything by it.
 *
 * @module
 */
import { randomBytes } from "node:crypto";
import { fingerprintOf } from "../../net/authority/identity.ts";
import type { Membership } from "../../net/authority/join.ts";
import { authorityBehind } from "../../net/authority/pinned.ts";
import { placeOf } from "../../net/authority/place.ts";
import { unreached } from "../../net/authority/unreached.ts";
import { greet } from "../../net/link/greeting.ts";
import { helloOf } from "../../net/link/hello.ts";
import { dialWebSocket } from "../../net/link/over-ws.ts";
import { type ErrorData, errorData } from "../../protocol/errors.ts";
import { linkAddress } from "./link-address.ts";
import type { Attempt } from "./membership.ts";

/**
 * Of a member: by a greeting that stops before the last word.
 *
 * @param instance of the node that runs in this home; without one any other that is linked has a copy of it
 */
export async function whyNotLinked(member: Membership, instance?: string): Promise<ErrorData | undefined> {
  const { authority: ca, certificate: cert, key, clusterId, name, queen, url } = member;
  const self = helloOf({
    cluster: clusterId,
    node: name,
    // Later than any that runs: what it is asked is not whether this is the one that is linked.
    life: Date.now(),
    instance: instance ?? randomBytes(8).toString("hex"),
    roles: ["hive"],
  });
  const place = placeOf(new URL(url));
  try {
    await authorityBehind(place, fingerprintOf(ca));
    return await greet(dialWebSocket(linkAddress(url), { ca, cert, key }), self, queen);
  } catch (thrown) {
    return errorData(unreached(place, thrown));
  }
}

/** Of a machine that has a token, or had one. */
export async function whyNotLetIn({ url, fingerprint }: Attempt): Promise<ErrorData | undefined> {
  try {
    await authorityBehind(placeOf(new URL(url)), fingerprint);
    return undefined;
  } catch (thrown) {
    return errorData(thrown);
  }
}
