/**
 * The node's copy of who may come, and what its door asks about keys.
 *
 * Owns: making keys, and the hashes that the guard compares with. Does not own: the keys' rows (the queen's), or when a
 * key is needed (src/net/guard.ts).
 *
 *  KR1 A key is made here, told once and kept nowhere: the queen is given its hash.
 *  KR2 Whoever has asked for a change is answered when the door acts by it. A change whose answer was lost is looked
 *      after in the same way.
 *  KR3 Each key that came or went is told as it is found in force, also where the answer to its change was lost.
 *
 * @module
 */
import { randomBytes } from "node:crypto";
import type { QueenEvent } from "../../../machines/queen-events.ts";
import { type KeyRow, usedIn } from "../../../machines/rules/quota.ts";
import type { KeysEvent } from "../../actors/queen/keys.ts";
import type { KeysSeat } from "../../doors/keys.ts";
import { type DoorKeys, fingerprintOf, hashOf } from "../../net/guard.ts";
import { KEY_PREFIX, type KeyView, limitText } from "../../protocol/key-api.ts";
import { event } from "../../runtime/reading.ts";
import type { DoorAsks } from "../porter/door-asks.ts";
import { patiently } from "../porter/patience.ts";
import { QUEEN } from "../porter/residents.ts";
import type { TakeNews } from "../watching/news.ts";

const toQueen = event<QueenEvent>();
const ANSWER_MS = 30_000;
const KEY_BYTES = 32;

export class KeyRing implements DoorKeys, KeysSeat {
  readonly neededOnLoopback = false;
  readonly #doors: DoorAsks;
  readonly #tell: TakeNews;
  #hashes: ReadonlyMap<string, Buffer> = new Map();
  /** In force. Nothing before they were told for the first time. */
  #rows: ReadonlyMap<string, KeyRow> | undefined;

  constructor(doors: DoorAsks, tell: TakeNews) {
    this.#doors = doors;
    this.#tell = tell;
  }

  readonly hashes = (): ReadonlyMap<string, Buffer> => this.#hashes;
  readonly isOurs = (word: string): boolean => word.startsWith(KEY_PREFIX);

  /** Before the door opens, and after every change. */
  async refresh(): Promise<void> {
    const { keys } = await this.#told();
    const before = this.#rows;
    const now = new Map(keys.map((row) => [row.id, row]));
    this.#rows = now;
    this.#hashes = new Map(keys.map(({ id, hash }) => [id, Buffer.from(hash, "hex")]));
    if (before === undefined) return;
    for (const row of now.values()) if (!before.has(row.id)) this.#tell({ event: "key.created", ...ofKey(row) });
    for (const row of before.values()) if (!now.has(row.id)) this.#tell({ event: "key.revoked", ...ofKey(row) });
  }

  async list(): Promise<readonly KeyView[]> {
    const { at, keys } = await this.#told();
    return keys.map((row) => viewOf(row, at));
  }

  /** KR1. */
  async create(name: string, limits: KeyRow["limits"]): Promise<string> {
    const key = `${KEY_PREFIX}${randomBytes(KEY_BYTES).toString("base64url")}`;
    await this.#change({ type: "create.key", name, hash: hashOf(key).toString("hex"), limits });
    return key;
  }

  revoke(name: string): Promise<void> {
    return this.#change({ type: "revoke.key", name });
  }

  /** KR2. */
  async #change(made: QueenEvent): Promise<void> {
    try {
      await this.#doors.ask(QUEEN, toQueen(made), ANSWER_MS);
    } finally {
      await this.refresh();
    }
  }

  #told(): Promise<KeysEvent> {
    return patiently(() => this.#doors.ask<KeysEvent>(QUEEN, toQueen({ type: "keys" }), ANSWER_MS));
  }
}

const ofKey = ({ id: key, name, hash }: KeyRow) => ({
  key,
  name,
  fingerprint: fingerprintOf(Buffer.from(hash, "hex")),
});

const viewOf = (row: KeyRow, at: number): KeyView => ({
  id: row.id,
  name: row.name,
  createdAt: new Date(row.createdAt).toISOString(),
  limits: row.limits.map(limitText),
  today: usedIn("day", row, at),
  total: row.total,
});
