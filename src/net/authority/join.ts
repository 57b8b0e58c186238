/**
 * Becoming part of a cluster, and staying it: from a token to a certificate, and from one to the next.
 *
 *  JO1 The token's secret is said to nobody but the queen of the cluster that the token names, over TLS.
 *  JO2 What comes back is kept only if it is what was asked for: of that authority, for this key, as a hive.
 *
 * @module
 */
import { createPrivateKey, X509Certificate } from "node:crypto";
import { request, type RequestOptions } from "node:https";
import { errorBody } from "../../protocol/api.ts";
import { joined, type Joined } from "../../protocol/cluster-api.ts";
import { isErrorCode, RbeeError } from "../../protocol/errors.ts";
import { jsonOf } from "../../protocol/json.ts";
import { makeRequest } from "./certificates.ts";
import { clusterOf } from "./identity.ts";
import type { JoinToken } from "./join-token.ts";
import { authorityBehind } from "./pinned.ts";
import { placeOf } from "./place.ts";
import { shortAnswer } from "../short-answer.ts";
import { unreached } from "./unreached.ts";

const PATIENCE_MS = 30_000;

/** What a machine that joins brings along. */
export interface Joining {
  readonly name: string;
  /** Its private key, as PEM. It stays here. */
  readonly key: string;
}

/** What it is from then on. */
export interface Membership extends Joining {
  readonly certificate: string;
  readonly authority: string;
  readonly clusterId: string;
  /** What her machine is called. */
  readonly queen: string;
  /** The queen's, as the token has it. */
  readonly url: string;
}

/**
 * May be repeated with the same key while the token lasts: an answer that was lost is given again.
 *
 * @throws RbeeError queen.untrusted, token.refused, and as unreached.ts says
 */
export async function joinCluster(token: JoinToken, { name, key }: Joining): Promise<Membership> {
  const { url, fingerprint, secret } = token;
  const authority = await authorityBehind(placeOf(new URL(url)), fingerprint);
  const asked = { token: secret, name, request: await makeRequest(key, name) };
  const told = await post(new URL("/v1/cluster/join", url), asked, { ca: authority });
  const { certificate, clusterId, queen } = read(told);
  checkOwn(certificate, key, authority);
  return { name, key, url, certificate, authority, clusterId, queen };
}

/**
 * The same member for another year, by the certificate that it has.
 *
 * @throws RbeeError queen.untrusted, request.unauthorized, and as unreached.ts says
 */
export async function renewMember(member: Membership): Promise<Membership> {
  const { name, key, url, certificate: cert, authority } = member;
  const asked = { request: await makeRequest(key, name) };
  const told = await post(new URL("/v1/cluster/renew", url), asked, { ca: authority, key, cert });
  const { certificate } = read(told);
  checkOwn(certificate, key, authority);
  return { ...member, certificate };
}

/** JO1: over a connection that trusts this authority alone. @returns what is told where it is taken */
async function post(url: URL, asked: object, shown: RequestOptions): Promise<string> {
  const { status, text: told } = await answerTo(url, JSON.stringify(asked), shown);
  if (status !== 201) throw refusalIn(status, told);
  return told;
}

function answerTo(url: URL, body: string, shown: RequestOptions): Promise<{ status: number; text: string }> {
  const headers = { "content-type": "application/json", "content-length": Buffer.byteLength(body) };
  const signal = AbortSignal.timeout(PATIENCE_MS);
  const { promise, resolve, reject } = Promise.withResolvers<{ status: number; text: string }>();
  const sent = request(url, { ...shown, method: "POST", headers, agent: false, signal }, (response) => {
    shortAnswer(response).then((told) => resolve({ status: response.statusCode ?? 0, text: told }), reject);
  });
  sent.once("error", reject).end(body);
  return promise.catch((thrown: unknown) => {
    throw unreached(placeOf(url), thrown);
  });
}

function refusalIn(status: number, told: string): RbeeError {
  const { data } = errorBody.safeParse(jsonOf(told));
  if (data !== undefined && isErrorCode(data.error.code)) return new RbeeError(data.error.code, data.error.message);
  return new RbeeError("queen.unreachable", `what answers is no queen of this version (status ${status})`);
}

function read(told: string): Joined {
  const { data } = joined.safeParse(jsonOf(told));
  if (data !== undefined) return data;
  throw new RbeeError("queen.unreachable", "what answers is no queen of this version: it gives no certificate");
}

/** JO2. */
function checkOwn(certificate: string, key: string, authority: string): void {
  const own = new X509Certificate(certificate);
  const signer = new X509Certificate(authority);
  const isOurs = own.checkPrivateKey(createPrivateKey(key)) && own.checkIssued(signer) && own.verify(signer.publicKey);
  if (isOurs && /^OU=hive$/m.test(own.subject)) return;
  throw new RbeeError("queen.untrusted", `the certificate that came is not what was asked of ${clusterOf(authority)}`);
}
