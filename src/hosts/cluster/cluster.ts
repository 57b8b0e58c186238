/**
 * What the door of a node does for machines that join: tokens, and certificates for them.
 *
 * Owns: making tokens, and the hashes by which a wrong one is known at the door. Does not own: the tokens' rows (the
 * queen's), or the authority (authority.ts).
 *
 *  CU1 A token is made here, told once and kept nowhere: the queen is given the hash of its secret.
 *  CU2 A secret that is none is refused at the door: its hash is compared, in constant time, and no more is done.
 *  CU3 The queen has said that the token is this machine's before a certificate is made.
 *  CU4 Who was removed is let in no more from when that is said, whatever certificate it shows: links to it end, and
 *      its key is certified no more. It stays the one it was: a certificate is renewed for the key of the one before.
 *  CU5 What gives or takes a right is told, once it is so: tokens, certificates, machines that are in no more.
 *
 * @module
 */
import { timingSafeEqual } from "node:crypto";
import { isOver, type JoinTokenRow, TOKEN_LIFE_MS } from "../../../machines/rules/join-token.ts";
import type { QueenEvent } from "../../../machines/queen-events.ts";
import type { MachinesEvent } from "../../actors/queen/machines.ts";
import type { MachineRow } from "../../actors/queen/tables.ts";
import type { TokenCreatedEvent, TokensEvent } from "../../actors/queen/tokens.ts";
import type { ClusterSeat, JoinAsked } from "../../doors/cluster.ts";
import { clusterOf, fingerprintOf, keyHash } from "../../net/authority/identity.ts";
import { makeSecret, writeToken } from "../../net/authority/join-token.ts";
import { hashOf } from "../../net/guard.ts";
import type { Joined, Peer, TokenCreated, TokenView } from "../../protocol/cluster-api.ts";
import { RbeeError } from "../../protocol/errors.ts";
import { event } from "../../runtime/reading.ts";
import type { DoorAsks } from "../porter/door-asks.ts";
import { patiently } from "../porter/patience.ts";
import { QUEEN } from "../porter/residents.ts";
import type { TakeNews } from "../watching/news.ts";
import type { Authority } from "./authority.ts";

const toQueen = event<QueenEvent>();
const ANSWER_MS = 30_000;

export interface ClusterOptions {
  readonly doors: DoorAsks;
  readonly authority: Authority;
  /** Names and addresses by which the door is called, the likeliest to be reached from elsewhere first. */
  readonly hosts: () => readonly string[];
  readonly port: () => number;
  readonly tell: TakeNews;
  /** Told of every machine that is in no more. */
  readonly removed: (name: string) => void;
}

export class Cluster implements ClusterSeat {
  readonly #options: ClusterOptions;
  #hashes: readonly Buffer[] = [];
  /** Keys of machines that were removed. */
  #removed: ReadonlySet<string> = new Set();

  constructor(options: ClusterOptions) {
    this.#options = options;
  }

  /** Before the door opens, and after every change. */
  async refresh(): Promise<void> {
    await Promise.all([this.#told(), this.machines()]);
  }

  /** CU4. */
  readonly admits = ({ key }: Peer): boolean => !this.#removed.has(key);

  /** Those that have joined, also those that are in no more. */
  async machines(): Promise<readonly MachineRow[]> {
    const asked = toQueen({ type: "machines" });
    const told = await patiently(() => this.#options.doors.ask<MachinesEvent>(QUEEN, asked, ANSWER_MS));
    this.#removed = new Set(told.machines.flatMap(({ key, removedAt }) => (removedAt === undefined ? [] : [key])));
    return told.machines;
  }

  /** CU4. */
  async remove(name: string): Promise<void> {
    await this.#change({ type: "remove.machine", name });
    this.#options.removed(name);
    this.#options.tell({ event: "machine.removed", name });
  }

  async tokens(): Promise<readonly TokenView[]> {
    const { at, tokens } = await this.#told();
    return tokens.map((row) => viewOf(row, at));
  }

  /** CU1. */
  async createToken(host: string | undefined): Promise<TokenCreated> {
    const { authority, hosts, port } = this.#options;
    const url = `https://${inUrl(namedHost(host, hosts()))}:${port()}`;
    const fingerprint = fingerprintOf((await authority.authority()).certificate);
    const secret = makeSecret();
    const made: QueenEvent = { type: "create.token", hash: hashOf(secret).toString("hex") };
    const { id, at } = await this.#change<TokenCreatedEvent>(made);
    this.#options.tell({ event: "token.created", token: id });
    const endsAt = new Date(at + TOKEN_LIFE_MS).toISOString();
    return { schemaVersion: 1, id, token: writeToken({ url, fingerprint, secret }), url, fingerprint, endsAt };
  }

  async revokeToken(token: string): Promise<void> {
    await this.#change({ type: "revoke.token", token });
    this.#options.tell({ event: "token.revoked", token });
  }

  /** CU2, CU3. */
  async join({ token, name, request }: JoinAsked): Promise<Joined> {
    const hash = hashOf(token);
    if (!this.#isKnown(hash)) throw new RbeeError("token.refused", "there is no such token, or no more");
    const { keyOfRequest } = await import("../../net/authority/certificates.ts");
    const publicKey = await keyOfRequest(request);
    const joiner = { name, key: keyHash(publicKey) };
    const spent: QueenEvent = { type: "spend.token", hash: hash.toString("hex"), joiner };
    // To her it is the same machine that asks again, so it may be asked twice.
    await patiently(() => this.#options.doors.ask(QUEEN, toQueen(spent), ANSWER_MS));
    return this.#certify({ name, role: "hive", publicKey });
  }

  /** CU4. */
  async renew({ name, role, key }: Peer, request: string): Promise<Joined> {
    const { keyOfRequest } = await import("../../net/authority/certificates.ts");
    const publicKey = await keyOfRequest(request);
    if (keyHash(publicKey) !== key) {
      throw new RbeeError("request.forbidden", "a certificate is renewed for the key that the one before is of");
    }
    return this.#certify({ name, role, publicKey });
  }

  async #certify(holder: Parameters<Authority["issue"]>[0]): Promise<Joined> {
    const { authority, tell } = this.#options;
    const certificate = await authority.issue(holder);
    const { certificate: signer } = await authority.authority();
    tell({ event: "machine.certified", name: holder.name, fingerprint: fingerprintOf(certificate) });
    return { schemaVersion: 1, certificate, authority: signer, clusterId: clusterOf(signer), queen: authority.name };
  }

  #isKnown(hash: Buffer): boolean {
    let isKnown = false;
    for (const known of this.#hashes) if (timingSafeEqual(known, hash)) isKnown = true;
    return isKnown;
  }

  async #change<Answer extends { readonly type: string }>(made: QueenEvent): Promise<Answer> {
    try {
      return await this.#options.doors.ask<Answer>(QUEEN, toQueen(made), ANSWER_MS);
    } finally {
      await this.refresh();
    }
  }

  async #told(): Promise<TokensEvent> {
    const asked = toQueen({ type: "tokens" });
    const told = await patiently(() => this.#options.doors.ask<TokensEvent>(QUEEN, asked, ANSWER_MS));
    this.#hashes = told.tokens.map(({ hash }) => Buffer.from(hash, "hex"));
    return told;
  }
}

function namedHost(wanted: string | undefined, hosts: readonly string[]): string {
  const [likeliest = "localhost"] = hosts;
  if (wanted === undefined) return likeliest;
  if (hosts.includes(wanted)) return wanted;
  const allowed = hosts.join(", ");
  throw new RbeeError("request.invalid", `host: expected one by which this door is called: ${allowed}`, {
    field: "host",
    found: wanted,
    allowed,
  });
}

const inUrl = (host: string): string => (host.includes(":") ? `[${host}]` : host);

const viewOf = (row: JoinTokenRow, at: number): TokenView => ({
  id: row.id,
  createdAt: new Date(row.createdAt).toISOString(),
  endsAt: new Date(row.createdAt + TOKEN_LIFE_MS).toISOString(),
  state: row.spent !== undefined ? "spent" : isOver(row, at) ? "ended" : "open",
  ...(row.spent && { spentBy: row.spent.name }),
});
