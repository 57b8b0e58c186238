/**
 * The models of this machine: the files below the models folder, each with a note of where it came from.
 *
 * Owns: where a model of a hub lies, what is listed, and removing it. Does not own: fetching (fetcher.ts).
 *
 *  CA1 The folder is the catalog: there is no other list that could disagree with it. A GGUF that was put there by hand
 *      is a model of it like any other.
 *  CA2 A split model is here when all of its parts are.
 *  CA3 What is in use is not removed, and nothing outside the folder ever is.
 *  CA4 What was begun and is not whole is told too, with the room that it takes.
 *  CA5 A copy of another machine's model that is of no hub keeps the name that it has there: it is the same model.
 *
 * @module
 */
import { readdir, readFile, rm, rmdir, stat } from "node:fs/promises";
import { basename, dirname, join, relative, sep } from "node:path";
import { z } from "zod";
import type { ModelPlan } from "../../../machines/download.ts";
import type { GgufHeader } from "../../actors/engines/gguf/header.ts";
import { RbeeError } from "../../protocol/errors.ts";
import { hubName, type HubName, hubNameOf, isGguf, isModelFile, partsOf, quantOf } from "../../protocol/model-name.ts";
import { bytesOf, discardPart, isPart, wholePath } from "./part-file.ts";

const note = z.object({
  schemaVersion: z.literal(1),
  name: z.string(),
  source: z.string(),
  bytes: z.number().int().nonnegative(),
  sha256: z.string().nullable(),
  addedAtMs: z.number(),
  architecture: z.string(),
  parameters: z.number(),
  contextTokens: z.number(),
});
export type ModelNote = z.infer<typeof note>;

export interface CatalogEntry {
  /** `hf:OWNER/REPO/FILE.gguf`, or `file:PATH` of what was put there by hand elsewhere. */
  readonly name: string;
  /** Of its first part. */
  readonly path: string;
  readonly bytes: number;
  readonly quant: string;
  readonly note: ModelNote | undefined;
}

/** Not all of it is here. */
export interface BegunModel {
  readonly name: string;
  readonly presentBytes: number;
}

/** Deep and wide enough for any library; a link that leads in circles ends. */
const DEPTH_MAX = 8;
const FILES_MAX = 10_000;

/** Where copies of what is of no hub lie. */
const COPIES = "copies";

export const notePath = (path: string): string => `${path}.json`;

export class Catalog {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Where this file of a hub lies, or would. */
  pathOf({ owner, repo }: HubName, file: string): string {
    return join(this.#folder, "hf", owner, repo, ...file.split("/"));
  }

  /** CA5: what is of no hub lies by its hash. @throws RbeeError link.invalid for names that lead out of the folder */
  pathsOf({ name, files }: ModelPlan): readonly string[] {
    const hub = hubName(name);
    return files.map(({ path }) => {
      const within = hubName(hub === undefined ? `hf:copies/${COPIES}/${path}` : `hf:${hub.owner}/${hub.repo}/${path}`);
      if (within?.file === undefined) throw new RbeeError("link.invalid", `${path.slice(0, 80)} is no file of ${name}`);
      if (hub !== undefined) return this.pathOf(hub, within.file);
      return join(this.#folder, COPIES, files[0]?.sha256 ?? "", basename(path));
    });
  }

  /** One of the files of a model that is here. @throws RbeeError model.absent */
  async partOf(model: string, part: number): Promise<string> {
    const entry = await this.find(model);
    const path = entry === undefined ? undefined : partsOf(entry.path)[part];
    if (path === undefined) throw absent(model);
    return path;
  }

  async list(): Promise<readonly CatalogEntry[]> {
    const files = await this.#filesBelow(this.#folder, DEPTH_MAX);
    const found = await Promise.all(files.filter(isModelFile).map((path) => this.#entry(path)));
    return found.filter((entry) => entry !== undefined).toSorted((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** CA4 */
  async begun(): Promise<readonly BegunModel[]> {
    const parts = await this.#filesBelow(this.#folder, DEPTH_MAX, isPart);
    const paths = new Map(parts.map(wholePath).map((path) => [this.#nameOf(path), path]));
    return Promise.all(
      [...paths].map(async ([name, path]) => {
        const sizes = await Promise.all(partsOf(path).map(bytesOf));
        return { name, presentBytes: sizes.reduce((sum, bytes) => sum + bytes, 0) };
      }),
    );
  }

  /** @throws RbeeError model.ambiguous */
  async find(model: string): Promise<CatalogEntry | undefined> {
    const wanted = hubName(model);
    if (wanted?.file !== undefined) {
      const path = this.pathOf(wanted, wanted.file);
      return this.#entry(join(dirname(path), partsOf(path.slice(dirname(path).length + 1))[0] ?? ""));
    }
    if (wanted === undefined) return (await this.list()).find(({ name }) => name === model);
    const files = await this.#filesBelow(join(this.#folder, "hf", wanted.owner, wanted.repo), DEPTH_MAX);
    const models = await Promise.all(files.filter(isModelFile).map((path) => this.#entry(path)));
    const found = models.filter((entry) => entry !== undefined).filter(({ quant }) => quant === wanted.quant);
    if (found.length > 1) {
      throw new RbeeError("model.ambiguous", `${model} may mean ${found.map(({ name }) => name).join(", ")}`);
    }
    return found[0];
  }

  /**
   * @param inUse files that workers have open
   * @returns the bytes that are free now
   * @throws RbeeError model.absent, model.in.use
   */
  async remove(model: string, inUse: readonly string[]): Promise<number> {
    const entry = await this.find(model);
    const wanted = hubName(model);
    const path = entry?.path ?? (await this.#begun(wanted));
    if (path === undefined) throw absent(model);
    if (inUse.includes(path)) throw new RbeeError("model.in.use", `a worker uses ${entry?.name ?? model}`);
    let bytes = 0;
    for (const part of partsOf(path)) {
      bytes += (await stat(part).catch(() => undefined))?.size ?? 0;
      await rm(part, { force: true });
      bytes += await discardPart(part);
    }
    await rm(notePath(path), { force: true });
    await this.#removeEmpty(dirname(path));
    return bytes;
  }

  /** One that is on its way here. */
  async #begun(wanted: HubName | undefined): Promise<string | undefined> {
    if (wanted === undefined) return undefined;
    const begun = await this.#filesBelow(join(this.#folder, "hf", wanted.owner, wanted.repo), DEPTH_MAX, isPart);
    return begun
      .map((path) => wholePath(path))
      .find((path) => {
        const inside = relative(join(this.#folder, "hf", wanted.owner, wanted.repo), path)
          .split(sep)
          .join("/");
        return wanted.file === undefined ? quantOf(inside) === wanted.quant : partsOf(wanted.file).includes(inside);
      });
  }

  async #removeEmpty(folder: string): Promise<void> {
    for (let at = folder; at.startsWith(this.#folder + sep); at = dirname(at)) {
      if (
        !(await rmdir(at).then(
          () => true,
          () => false,
        ))
      )
        return;
    }
  }

  /** Nothing when it is not here, or not all of it. CA2 */
  async #entry(path: string): Promise<CatalogEntry | undefined> {
    const sizes = await Promise.all(partsOf(path).map((part) => stat(part).catch(() => undefined)));
    if (sizes.some((found) => found?.isFile() !== true)) return undefined;
    const bytes = sizes.reduce((sum, found) => sum + (found?.size ?? 0), 0);
    const noted = await readNote(path, bytes);
    const isCopy = path.startsWith(join(this.#folder, COPIES) + sep);
    const name = (isCopy ? noted?.name : undefined) ?? this.#nameOf(path);
    const quant = quantOf(hubName(name)?.file ?? basename(path));
    return { name, path, bytes, quant, note: noted };
  }

  #nameOf(path: string): string {
    const [root, owner = "", repo = "", ...folders] = relative(this.#folder, path).split(sep);
    const name = hubNameOf(owner, repo, folders.join("/"));
    return root === "hf" && folders.length > 0 && hubName(name) !== undefined ? name : `file:${path}`;
  }

  async #filesBelow(folder: string, depth: number, wants = isGguf): Promise<readonly string[]> {
    const inside = await readdir(folder, { withFileTypes: true }).catch(() => []);
    const files: string[] = [];
    for (const each of inside) {
      const path = join(folder, each.name);
      if (each.isDirectory() && depth > 0) files.push(...(await this.#filesBelow(path, depth - 1, wants)));
      else if (wants(each.name) && (each.isFile() || each.isSymbolicLink())) files.push(path);
      if (files.length > FILES_MAX) break;
    }
    return files;
  }
}

export const absent = (model: string): RbeeError => new RbeeError("model.absent", `${model} is not on this machine`);

/** A note counts only for the file that it was written for. */
async function readNote(path: string, bytes: number): Promise<ModelNote | undefined> {
  const text = await readFile(notePath(path), "utf8").catch(() => "{}");
  try {
    const parsed = note.safeParse(JSON.parse(text));
    return parsed.success && parsed.data.bytes === bytes ? parsed.data : undefined;
  } catch {
    return undefined;
  }
}

export interface HeaderFacts {
  readonly architecture: string;
  /** As its maker says; 0 when nobody does. */
  readonly parameters: number;
  readonly contextTokens: number;
}

export function headerFacts({ metadata }: GgufHeader): HeaderFacts {
  const architecture = String(metadata.get("general.architecture") ?? "");
  const count = (key: string): number => {
    const value = metadata.get(key);
    return typeof value === "number" ? value : 0;
  };
  return {
    architecture,
    parameters: count("general.parameter_count"),
    contextTokens: count(`${architecture}.context_length`),
  };
}
