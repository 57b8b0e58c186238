/**
 * The authority behind a door, known by its fingerprint.
 *
 *  PI1 What does not lead to that authority is told nothing but a greeting: whoever goes on does so over another
 *      connection, that trusts this authority alone, with every check of TLS.
 *
 * @module
 */
import { X509Certificate } from "node:crypto";
import { isIP } from "node:net";
import { connect, type DetailedPeerCertificate } from "node:tls";
import { RbeeError } from "../../protocol/errors.ts";
import { plain } from "./identity.ts";
import type { Place } from "./place.ts";
import { silence, unreached } from "./unreached.ts";

/** Whoever is there takes a connection at once, unless a firewall is before it. */
const CONNECT_MS = 5_000;
const PATIENCE_MS = 15_000;
/** A door shows its own certificate and the authority's. */
const CHAIN_MAX = 4;

/**
 * @returns the authority's certificate, as PEM
 * @throws RbeeError queen.untrusted, and as unreached.ts says
 */
export async function authorityBehind({ host, port }: Place, fingerprint: string): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<DetailedPeerCertificate>();
  // PI1: nothing is said over it, and what it shows counts only as far as the fingerprint goes.
  const socket = connect({ host, port, rejectUnauthorized: false, ...(isIP(host) === 0 && { servername: host }) }, () =>
    resolve(socket.getPeerCertificate(true)),
  );
  const patiently = (ms: number): void =>
    void socket.setTimeout(ms, () => socket.destroy(silence({ host, port }, !socket.connecting, ms)));
  patiently(CONNECT_MS);
  socket.once("connect", () => patiently(PATIENCE_MS));
  socket.once("error", reject);
  try {
    const found = inChain(await promise, plain(fingerprint));
    if (found !== undefined) return found;
  } catch (thrown) {
    throw unreached({ host, port }, thrown);
  } finally {
    socket.destroy();
  }
  throw new RbeeError(
    "queen.untrusted",
    `what answers at https://${host}:${port} is not of the cluster ${fingerprint}`,
  );
}

function inChain(certificate: DetailedPeerCertificate, fingerprint: string): string | undefined {
  let at: DetailedPeerCertificate | undefined = certificate;
  for (let seen = 0; seen < CHAIN_MAX && at?.raw !== undefined; seen++) {
    if (plain(at.fingerprint256) === fingerprint) return new X509Certificate(at.raw).toString();
    at = at.issuerCertificate;
  }
  return undefined;
}
