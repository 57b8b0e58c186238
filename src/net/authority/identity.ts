/**
 * Who is who between machines: what a door shows of itself, and what a peer's certificate says.
 *
 * Owns: reading certificates with what Node brings. Does not own: making them (certificates.ts, which costs the loading
 * of a library), keeping them (src/hosts/cluster).
 *
 *  ID1 A peer has the role that a certificate of this cluster's authority gives it while that certificate is valid, and
 *      none otherwise: not by another authority, not without a certificate, not by a session that it resumes.
 *  ID2 A role is one word in the subject's OU, a name its CN. The authority writes the whole subject itself, so that
 *      nothing of it is the holder's word; and Node reads it without a parser of ours, which an extension would need.
 *
 * @module
 */
import { createHash, type KeyObject, X509Certificate } from "node:crypto";
import type { Duplex } from "node:stream";
import { TLSSocket } from "node:tls";
import { type Peer, ROLES } from "../../protocol/cluster-api.ts";

/** A key with the certificate of it, both as PEM. */
export interface Certified {
  readonly key: string;
  readonly certificate: string;
}

/** What a door shows, and whose word it takes. */
export interface Identity extends Certified {
  /** The authority's certificate. */
  readonly authority: string;
}

/** ID1, ID2. Of a connection whose peer was asked for a certificate by `ca` of the authority. */
export function peerOf(socket: Duplex): Peer | undefined {
  // Node holds a resumed session to be authorized also where nobody has shown a certificate.
  if (!(socket instanceof TLSSocket) || !socket.authorized) return undefined;
  const { subject, fingerprint256, valid_to: endsAt } = socket.getPeerCertificate();
  const role = ROLES.find((one) => one === subject?.OU);
  if (role === undefined || Date.parse(endsAt) <= Date.now()) return undefined;
  const key = keyHash(socket.getPeerX509Certificate()?.publicKey);
  return { role, name: subject.CN, key, fingerprint: plain(fingerprint256) };
}

/** Whether a certificate was shown that this machine's clock, and nothing else, holds for none. */
export const isOutOfTime = (socket: Duplex): boolean =>
  socket instanceof TLSSocket && ["CERT_NOT_YET_VALID", "CERT_HAS_EXPIRED"].includes(String(socket.authorizationError));
/** SHA-256 of a public key, in hex: the machine itself, whatever certificate it shows. */
export const keyHash = (key: KeyObject | string | undefined): string =>
  createHash("sha256")
    .update(typeof key === "object" ? key.export({ type: "spki", format: "pem" }) : (key ?? ""))
    .digest("hex");

/** SHA-256 of a certificate, in hex: what `openssl x509 -fingerprint -sha256` shows, without its colons. */
export const fingerprintOf = (certificate: string | Buffer): string =>
  plain(new X509Certificate(certificate).fingerprint256);

/** As a person may write it, with colons or without. */
export const plain = (fingerprint: string): string => fingerprint.replaceAll(":", "").toLowerCase();

/** The cluster's own name stands in the O of everything its authority signs. */
export const clusterOf = (certificate: string): string =>
  /^O=(.*)$/m.exec(new X509Certificate(certificate).subject)?.[1] ?? "";
