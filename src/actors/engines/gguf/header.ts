/**
 * Reads the head of a GGUF file and says whether the file can be a whole model, before native code sees it.
 *
 * A failed assertion in native code ends the process, and readers that trust a header's counts hang on a damaged one.
 * Owns the questions "is this GGUF", "is all of it here" and "what is it". What the tensors mean is the engine's.
 *
 *  H1 Never reads past the file, and never believes a count that the file is too small for.
 *  H2 A missing file is model.not.found, no GGUF is model.foreign, a damaged or cut one is model.corrupt.
 *  H3 Of a file split into parts only the named part is looked at.
 *
 * @see https://github.com/ggml-org/ggml/blob/master/docs/gguf.md
 * @module
 */
import { type FileHandle, open } from "node:fs/promises";
import { RbeeError } from "../../../protocol/errors.ts";
import { GgufCursor, type GgufScalar, Unfinished } from "./cursor.ts";

export interface GgufHeader {
  readonly version: number;
  readonly tensors: number;
  /** Strings and numbers by key. */
  readonly metadata: ReadonlyMap<string, GgufScalar>;
  /** How long each array is; what is in it is left out, for vocabularies are large and nobody here needs them. */
  readonly arrays: ReadonlyMap<string, number>;
  /** Bytes the file must have at least, so that its last tensor is whole. */
  readonly neededBytes: number;
}

const VERSIONS = [2, 3];
const FIRST_READ_BYTES = 1 << 20;
/** Vocabularies of today's largest models take some 20 MB. */
const HEADER_BYTES_MAX = 256 << 20;
const METADATA_BYTES_MIN = 8 + 4 + 1;
const TENSOR_BYTES_MIN = 8 + 4 + 4 + 8;
const DIMENSIONS_MAX = 4;
const ALIGNMENT_DEFAULT = 32;

/** Triples: ggml's number of a type, elements a block, bytes a block. A type that is absent is not judged by size. */
const BLOCK_SIZES = [
  0, 1, 4, 1, 1, 2, 2, 32, 18, 3, 32, 20, 6, 32, 22, 7, 32, 24, 8, 32, 34, 9, 32, 36, 10, 256, 84, 11, 256, 110, 12,
  256, 144, 13, 256, 176, 14, 256, 210, 15, 256, 292, 16, 256, 66, 17, 256, 74, 18, 256, 98, 19, 256, 50, 20, 32, 18,
  21, 256, 110, 22, 256, 82, 23, 256, 136, 24, 1, 1, 25, 1, 2, 26, 1, 4, 27, 1, 8, 28, 1, 8, 29, 256, 56, 30, 1, 2, 34,
  256, 54, 35, 256, 66, 39, 32, 17,
];

/** @throws RbeeError model.not.found, model.foreign, model.corrupt */
export async function readGgufHeader(path: string): Promise<GgufHeader> {
  const file = await openModel(path);
  try {
    const { size } = await file.stat();
    for (let want = FIRST_READ_BYTES; ; want *= 4) {
      const bytes = await readStart(file, Math.min(want, size, HEADER_BYTES_MAX));
      const header = parseGgufHeader(bytes, size);
      if (header === undefined && bytes.length < Math.min(size, HEADER_BYTES_MAX)) continue;
      if (header === undefined) throw corrupt("its header ends in the middle");
      if (header.neededBytes > size) throw corrupt(`it has ${size} bytes and needs ${header.neededBytes}`);
      return header;
    }
  } finally {
    await file.close();
  }
}

/**
 * @param bytes the start of the file
 * @param fileBytes how long the whole file is
 * @returns nothing when the header is longer than what was given
 */
export function parseGgufHeader(bytes: Buffer, fileBytes: number): GgufHeader | undefined {
  if (bytes.toString("latin1", 0, 4) !== "GGUF") {
    throw new RbeeError("model.foreign", "The file does not begin as a GGUF file does.");
  }
  try {
    return parse(new GgufCursor(bytes, 4), fileBytes);
  } catch (error) {
    if (error instanceof Unfinished) return undefined;
    throw error;
  }
}

function parse(cursor: GgufCursor, fileBytes: number): GgufHeader {
  const version = cursor.u32();
  if (!VERSIONS.includes(version)) throw corrupt(`it claims to be of version ${version}`);
  const tensors = cursor.u64();
  const entries = cursor.u64();
  if (entries * METADATA_BYTES_MIN + tensors * TENSOR_BYTES_MIN > fileBytes) {
    throw corrupt(`it claims ${tensors} tensors and ${entries} keys, more than its ${fileBytes} bytes can hold`);
  }
  const metadata = new Map<string, GgufScalar>();
  const arrays = new Map<string, number>();
  for (let i = 0; i < entries; i++) {
    const key = cursor.text();
    const value = cursor.value();
    if (typeof value === "object") arrays.set(key, value.length);
    else metadata.set(key, value);
  }
  let lastTensorEnd = 0;
  for (let i = 0; i < tensors; i++) lastTensorEnd = Math.max(lastTensorEnd, tensorEnd(cursor));
  const alignment = Number(metadata.get("general.alignment") ?? ALIGNMENT_DEFAULT);
  if (!Number.isInteger(alignment) || alignment <= 0) throw corrupt(`its alignment is ${alignment}`);
  const dataStart = Math.ceil(cursor.at / alignment) * alignment;
  return { version, tensors, metadata, arrays, neededBytes: tensors === 0 ? cursor.at : dataStart + lastTensorEnd };
}

/** Where a tensor's data ends, counted from the start of all tensor data. */
function tensorEnd(cursor: GgufCursor): number {
  cursor.text();
  const dimensions = cursor.u32();
  if (dimensions > DIMENSIONS_MAX) throw corrupt(`a tensor has ${dimensions} dimensions`);
  let elements = 1;
  for (let i = 0; i < dimensions; i++) elements *= cursor.u64();
  const bytes = bytesOf(elements, cursor.u32());
  return cursor.u64() + bytes;
}

function bytesOf(elements: number, type: number): number {
  for (let at = 0; at < BLOCK_SIZES.length; at += 3) {
    const [known, blockElements = 1, blockBytes = 0] = BLOCK_SIZES.slice(at, at + 3);
    if (known === type) return Math.ceil(elements / blockElements) * blockBytes;
  }
  return 0;
}

async function openModel(path: string): Promise<FileHandle> {
  const file = await open(path, "r").catch((error: Error) => {
    throw new RbeeError("model.not.found", `The model file cannot be opened: ${error.message}.`);
  });
  if ((await file.stat()).isFile()) return file;
  await file.close();
  throw new RbeeError("model.foreign", "The path names a folder or a device, not a file.");
}

async function readStart(file: FileHandle, length: number): Promise<Buffer> {
  const bytes = Buffer.alloc(length);
  let filled = 0;
  while (filled < length) {
    const { bytesRead } = await file.read(bytes, filled, length - filled, filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return bytes.subarray(0, filled);
}

const corrupt = (why: string): RbeeError => new RbeeError("model.corrupt", `The model file is damaged: ${why}.`);
