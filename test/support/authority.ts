/**
 * Certificates for tests: an authority, and what it gives to whom.
 *
 * @module
 */
import { issue, makeAuthority, makeKey, publicKeyOf } from "../../src/net/authority/certificates.ts";
import type { Certified, Identity } from "../../src/net/authority/identity.ts";
import type { Role } from "../../src/protocol/cluster-api.ts";

export const authorityFor = (clusterId = "rbee-test", atMs = Date.now()): Promise<Certified> =>
  makeAuthority(clusterId, atMs);

/** Somebody with a certificate of that authority; a door for this machine unless it is told otherwise. */
export async function certified(
  authority: Certified,
  role: Role = "queen",
  { name = "test", atMs = Date.now(), hosts = ["localhost", "127.0.0.1", "::1"] } = {},
): Promise<Identity> {
  const key = makeKey();
  const certificate = await issue(authority, { name, role, publicKey: publicKeyOf(key), hosts }, atMs);
  return { key, certificate, authority: authority.certificate };
}
