/**
 * One file from another machine of the cluster to the disk, in order from wherever an earlier try ended, wherever that
 * had come from.
 *
 * Owns: believing no more than what the hash proves. Does not own: which machine (fetcher.ts), the way there
 * (neighbours.ts), keeping bytes (part-file.ts).
 *
 *  CP1 It is hashed as it arrives. What is not the file that was named is thrown away at its last byte, or at the first
 *      too many, and nothing of it is kept for another try.
 *  CP2 However else it ends, what arrived is flushed and counts the next time, from whomever that comes.
 *
 * @module
 */
import { createHash, type Hash } from "node:crypto";
import { createReadStream } from "node:fs";
import type { PlannedFile } from "../../../machines/download.ts";
import { RbeeError } from "../../protocol/errors.ts";
import type { MachineOffer } from "../../protocol/machine-api.ts";
import type { Neighbours } from "./neighbours.ts";
import { bytesAt, PartFile } from "./part-file.ts";

export interface Copy {
  readonly neighbours: Neighbours;
  readonly offer: MachineOffer;
  /** Which of its files. */
  readonly part: number;
  readonly file: PlannedFile;
  /** Where the whole file will lie. */
  readonly path: string;
  readonly signal: AbortSignal;
  /** So much of it is here. */
  readonly arrived: (bytes: number) => void;
}

/** @throws RbeeError machine.away, download.corrupt, disk.full, or the refusal of that machine */
export async function copy(given: Copy): Promise<void> {
  const part = await PartFile.open(given.path, given.file);
  try {
    given.arrived(part.length);
    await receive(given, part, await hashOf(given, part.length));
  } finally {
    await part.close();
  }
}

async function receive({ neighbours, offer, part: index, file, signal, arrived }: Copy, part: PartFile, hash: Hash) {
  const refuse = async (why: string): Promise<never> => {
    await part.beginAgain();
    throw new RbeeError("download.corrupt", `${file.path} from ${offer.machine} is not what was named: ${why}`);
  };
  if (part.length < file.bytes) {
    const from = { machine: offer.machine, model: offer.name, part: index, byte: part.length };
    for await (const piece of await neighbours.open(from, signal)) {
      if (part.length + piece.byteLength > file.bytes) await refuse("more arrives than it has bytes");
      hash.update(piece);
      await part.append(piece);
      arrived(part.length);
    }
  }
  if (part.length < file.bytes) {
    const kept = `${part.length} of ${file.bytes} bytes`;
    throw new RbeeError("machine.away", `${file.path} from ${offer.machine} broke off after ${kept}`);
  }
  const sha256 = hash.digest("hex");
  if (sha256 !== file.sha256) await refuse(`its sha256 is ${sha256.slice(0, 12)}…`);
}

/** Of what is here of it already. */
async function hashOf({ path, signal }: Copy, bytes: number): Promise<Hash> {
  const hash = createHash("sha256");
  if (bytes === 0) return hash;
  const kept = createReadStream(await bytesAt(path), { end: bytes - 1, highWaterMark: 2 ** 20, signal });
  for await (const piece of kept) hash.update(piece as Buffer);
  return hash;
}
