/**
 * What NVIDIA's own program says of each card: the engine tells the sum alone.
 *
 *  NS1 Without the program, or when it fails or takes too long, nothing is known; nobody waits longer than the bound.
 *
 * @module
 */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { mortalCommand } from "../../runtime/lifeline.ts";

export interface Card {
  readonly name: string;
  readonly totalBytes: number;
  readonly freeBytes: number;
}

const FIELDS = "name,memory.total,memory.free";
const PATIENCE_MS = 5000;
const MIB = 2 ** 20;

export async function nvidiaCards(): Promise<readonly Card[]> {
  const args = [`--query-gpu=${FIELDS}`, "--format=csv,noheader,nounits"];
  const { file, args: given } = mortalCommand("nvidia-smi", args);
  try {
    const { stdout } = await promisify(execFile)(file, given, { timeout: PATIENCE_MS, killSignal: "SIGKILL" });
    return readCards(stdout);
  } catch {
    return [];
  }
}

/** A line a card. A card whose memory it does not know ("[N/A]") is left out. */
export function readCards(csv: string): readonly Card[] {
  return csv.split("\n").flatMap((line) => {
    const [, name, total, free] = /^(.*),\s*(\d+),\s*(\d+)\s*$/.exec(line) ?? [];
    if (name === undefined || name.trim() === "") return [];
    return [{ name: name.trim(), totalBytes: Number(total) * MIB, freeBytes: Number(free) * MIB }];
  });
}
