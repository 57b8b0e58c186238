/**
 * What this machine offers others of its models: each file by its hash.
 *
 *  OF1 A hash that the hub has named stands in the model's note; any other is made once for a file as it is.
 *  OF2 What others say they have is believed by nobody: whoever copies it makes the hash anew (CP1 of copy.ts).
 *
 * @module
 */
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { basename } from "node:path";
import type { Offer } from "../../protocol/machine-api.ts";
import { hubName, partsOf } from "../../protocol/model-name.ts";
import type { Catalog, CatalogEntry } from "./catalog.ts";

const KNOWN_MAX = 1_000;

export class Offers {
  readonly #catalog: Catalog;
  /** Hashes, by path, size and time of the last change. */
  readonly #known = new Map<string, string>();

  constructor(catalog: Catalog) {
    this.#catalog = catalog;
  }

  async of(model: string, signal: AbortSignal): Promise<Offer | undefined> {
    const entry = await this.#catalog.find(model).catch(() => undefined);
    if (entry === undefined) return undefined;
    const paths = partsOf(entry.path);
    const inRepo = hubName(entry.name)?.file;
    const names = inRepo === undefined ? paths.map((path) => basename(path)) : partsOf(inRepo);
    const files: Offer["files"] = [];
    for (const [at, path] of paths.entries()) {
      const { size, mtimeMs } = await stat(path);
      const sha256 = namedHash(entry, paths) ?? (await this.#hashOf(path, `${path} ${size} ${mtimeMs}`, signal));
      files.push({ path: names[at] ?? "", bytes: size, sha256 });
    }
    return { name: entry.name, files };
  }

  async #hashOf(path: string, key: string, signal: AbortSignal): Promise<string> {
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const hash = createHash("sha256");
    for await (const piece of createReadStream(path, { highWaterMark: 2 ** 20, signal })) hash.update(piece as Buffer);
    const made = hash.digest("hex");
    const [oldest] = this.#known.size >= KNOWN_MAX ? this.#known.keys() : [];
    if (oldest !== undefined) this.#known.delete(oldest);
    this.#known.set(key, made);
    return made;
  }
}

/** OF1. Of a model in several files the note has the first one's alone. */
const namedHash = ({ note }: CatalogEntry, paths: readonly string[]): string | undefined =>
  paths.length === 1 ? (note?.sha256 ?? undefined) : undefined;
