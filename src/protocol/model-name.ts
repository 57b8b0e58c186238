/**
 * Names of models at a hub: `hf:OWNER/REPO/FILE.gguf`, `hf:OWNER/REPO:QUANT`, and `hf:OWNER/REPO` for all it has.
 *
 * Owns: which names are well-formed, the parts of a split file, the quantization that a file's name tells.
 * Does not own: other kinds of names, whether anything exists.
 *
 *  MN1 No part of a name leads out of its folder: each is a plain name, never `..` or empty.
 *  MN2 The first part of a split model stands for all of it.
 *
 * @module
 */

export interface HubName {
  readonly owner: string;
  readonly repo: string;
  /** Inside the repository, with its folders. */
  readonly file: string | undefined;
  /** Upper case. */
  readonly quant: string | undefined;
}

export const HUB_PREFIX = "hf:";
const NAME_CHARS_MAX = 400;
/** As the hub allows them; a leading dot or dash would be a hidden file, or an option. */
const PART = /^[A-Za-z0-9_][A-Za-z0-9._+-]{0,191}$/;
const QUANT = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,31}$/;
const SPLIT = /^(.*)-(\d{5})-of-(\d{5})\.gguf$/i;

/** @returns nothing for what is no well-formed name of a hub */
export function hubName(text: string): HubName | undefined {
  if (!text.startsWith(HUB_PREFIX) || text.length > NAME_CHARS_MAX) return undefined;
  const [owner = "", second = "", ...folders] = text.slice(HUB_PREFIX.length).split("/");
  const [repo = "", quant, ...more] = second.split(":");
  if (!PART.test(owner) || !PART.test(repo) || more.length > 0) return undefined;
  if (quant !== undefined) {
    const isQuant = folders.length === 0 && QUANT.test(quant);
    return isQuant ? { owner, repo, file: undefined, quant: quant.toUpperCase() } : undefined;
  }
  if (folders.length === 0) return { owner, repo, file: undefined, quant: undefined };
  const file = folders.join("/");
  return folders.every((part) => PART.test(part)) && isGguf(file) ? { owner, repo, file, quant: undefined } : undefined;
}

export const isGguf = (file: string): boolean => /\.gguf$/i.test(file);

export const hubNameOf = (owner: string, repo: string, file: string): string =>
  `${HUB_PREFIX}${owner}/${repo}/${firstPart(file)}`;

interface Split {
  readonly stem: string;
  readonly part: number;
  readonly parts: number;
}

export function splitOf(file: string): Split | undefined {
  const [, stem, part, parts] = SPLIT.exec(file) ?? [];
  return stem === undefined ? undefined : { stem, part: Number(part), parts: Number(parts) };
}

const partName = (stem: string, part: number, parts: number): string =>
  `${stem}-${String(part).padStart(5, "0")}-of-${String(parts).padStart(5, "0")}.gguf`;

function firstPart(file: string): string {
  const split = splitOf(file);
  return split === undefined ? file : partName(split.stem, 1, split.parts);
}

/** Every file that the model of this one consists of, in order. */
export function partsOf(file: string): readonly string[] {
  const split = splitOf(file);
  if (split === undefined) return [file];
  return Array.from({ length: split.parts }, (_, i) => partName(split.stem, i + 1, split.parts));
}

const KNOWN_QUANT = /(?:^|[-._/])((?:I?Q\d[A-Z0-9_]*|TQ\d_\d|MXFP4(?:_MOE)?|BF16|F16|F32|FP16))(?=[-._/]|$)/gi;

/** What the name of a file says of its quantization, upper case; "" when it says nothing. */
export function quantOf(file: string): string {
  const stem = splitOf(file)?.stem ?? file.replace(/\.gguf$/i, "");
  return ([...stem.matchAll(KNOWN_QUANT)].at(-1)?.[1] ?? "").toUpperCase();
}

/** Projectors of images and files that only help to quantize are no models by themselves. */
export const isModelFile = (file: string): boolean =>
  isGguf(file) && !/(^|[-._/])(mmproj|imatrix)/i.test(file) && (splitOf(file)?.part ?? 1) === 1;

/** Whether this name, maybe by quantization, means the model of that canonical name. */
export function means(model: string, name: string): boolean {
  const [wanted, found] = [hubName(model), hubName(name)];
  if (wanted === undefined || found?.file === undefined) return model === name;
  if (wanted.owner !== found.owner || wanted.repo !== found.repo) return false;
  if (wanted.file !== undefined) return firstPart(wanted.file) === found.file;
  return wanted.quant !== undefined && wanted.quant === quantOf(found.file);
}
