/**
 * Certificates of a cluster: its authority, its doors, its hives.
 *
 * Owns: what stands in them. Does not own: files (src/hosts/cluster), or who is given one. Loaded when one is made: a
 * command that makes none does not pay for the library.
 *
 *  CE1 The authority signs certificates, not further authorities. Only a queen's proves a server: a hive that was given
 *      one cannot pass for the queen. All keys are ECDSA on P-256, which every client knows and signs in 50 us.
 *  CE2 Nothing of a request is taken over but its key, and that when the request is signed with it.
 *  CE3 A certificate begins a day before it is made, so that a machine whose clock is behind takes it; it ends after
 *      90 days for a door, which renews its own; a year for a hive, within which a machine that was put away comes back
 *      by itself; ten for the authority, at whose end every machine has to join again.
 *
 * @module
 */
// oxlint-disable-next-line import/no-unassigned-import -- the library's parsers are described by decorators
import "reflect-metadata";
import { createPrivateKey, createPublicKey, generateKeyPairSync, webcrypto } from "node:crypto";
import { isIP } from "node:net";
import * as x509 from "@peculiar/x509";
import type { Role } from "../../protocol/cluster-api.ts";
import { RbeeError } from "../../protocol/errors.ts";
import { type Certified, clusterOf } from "./identity.ts";

export const DAY_MS = 86_400_000;
const AUTHORITY_DAYS = 3_650;
const LIFE_DAYS: Readonly<Record<Role, number>> = { queen: 90, hive: 365, client: 365 };
const CURVE = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;

export interface Holder {
  readonly name: string;
  readonly role: Role;
  /** As PEM. */
  readonly publicKey: string;
  /** Names and addresses by which its door is called. */
  readonly hosts: readonly string[];
}

/** @returns a private key, as PEM */
export const makeKey = (): string =>
  generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey.export({ type: "pkcs8", format: "pem" }).toString();

export const publicKeyOf = (key: string): string =>
  createPublicKey(key).export({ type: "spki", format: "pem" }).toString();

export async function makeAuthority(clusterId: string, atMs: number): Promise<Certified> {
  const key = makeKey();
  const keys = { privateKey: await signingKey(key), publicKey: await verifyingKey(publicKeyOf(key)) };
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    ...lifetime(atMs, AUTHORITY_DAYS),
    name: subject("rbee authority", clusterId),
    signingAlgorithm: CURVE,
    keys,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return { key, certificate: pemOf(certificate) };
}

/** CE1. @returns the certificate, as PEM */
export async function issue(authority: Certified, holder: Holder, atMs: number): Promise<string> {
  const { name, role, publicKey, hosts } = holder;
  const { clientAuth, serverAuth } = x509.ExtendedKeyUsage;
  const uses = role === "queen" ? [serverAuth, clientAuth] : [clientAuth];
  const signer = new x509.X509Certificate(authority.certificate);
  const certificate = await x509.X509CertificateGenerator.create({
    ...lifetime(atMs, LIFE_DAYS[role]),
    subject: subject(name, clusterOf(authority.certificate), role),
    issuer: signer.subjectName,
    signingKey: await signingKey(authority.key),
    signingAlgorithm: CURVE,
    publicKey: await verifyingKey(publicKey),
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension(uses),
      await x509.AuthorityKeyIdentifierExtension.create(signer.publicKey),
      ...(hosts.length === 0 ? [] : [new x509.SubjectAlternativeNameExtension(hosts.map(alternativeName))]),
    ],
  });
  return pemOf(certificate);
}

/** What a machine that wants a certificate sends. */
export async function makeRequest(key: string, name: string): Promise<string> {
  const keys = { privateKey: await signingKey(key), publicKey: await verifyingKey(publicKeyOf(key)) };
  const request = await x509.Pkcs10CertificateRequestGenerator.create({
    name: [{ CN: [name] }],
    keys,
    signingAlgorithm: CURVE,
  });
  return request.toString("pem");
}

/** CE2. @returns the public key, as PEM @throws RbeeError request.invalid */
export async function keyOfRequest(request: string): Promise<string> {
  try {
    const read = new x509.Pkcs10CertificateRequest(request);
    const key = createPublicKey(read.publicKey.toString("pem"));
    if (key.asymmetricKeyDetails?.namedCurve === "prime256v1" && (await read.verify())) {
      return key.export({ type: "spki", format: "pem" }).toString();
    }
  } catch {
    // Whatever it is, it is no such request.
  }
  const message = "request: expected a PKCS #10 request that is signed with its own P-256 key";
  throw new RbeeError("request.invalid", message, { field: "request" });
}

/** Files of several are written one behind the other, so each ends its line. */
const pemOf = (made: x509.X509Certificate): string => `${made.toString("pem")}\n`;

const lifetime = (atMs: number, days: number): { notBefore: Date; notAfter: Date } => ({
  notBefore: new Date(atMs - DAY_MS),
  notAfter: new Date(atMs + days * DAY_MS),
});

const subject = (name: string, clusterId: string, role?: Role): x509.JsonName => [
  { O: [clusterId] },
  ...(role === undefined ? [] : [{ OU: [role] }]),
  { CN: [name] },
];

const alternativeName = (host: string): x509.JsonGeneralName => ({ type: isIP(host) > 0 ? "ip" : "dns", value: host });

function signingKey(key: string): Promise<webcrypto.CryptoKey> {
  const der = createPrivateKey(key).export({ type: "pkcs8", format: "der" });
  return webcrypto.subtle.importKey("pkcs8", der, CURVE, true, ["sign"]);
}

function verifyingKey(key: string): Promise<webcrypto.CryptoKey> {
  const der = createPublicKey(key).export({ type: "spki", format: "der" });
  return webcrypto.subtle.importKey("spki", der, CURVE, true, ["verify"]);
}
