/**
 * Other machines of the cluster as a place that models come from: who has one, and its bytes.
 *
 * Owns: asking for both. Does not own: the answers (src/doors/copies.ts), which machine is taken (fetcher.ts), whether
 * the bytes are right (copy.ts).
 *
 *  NB1 Who has it is advice: where it cannot be told nobody has it, and the hub is asked.
 *
 * @module
 */
import { askClusterDoor, bodyOf, type ClusterDoor } from "../../net/cluster-door.ts";
import { shortAnswer } from "../../net/short-answer.ts";
import { jsonOf } from "../../protocol/json.ts";
import { type MachineOffer, offersView } from "../../protocol/machine-api.ts";

export interface Neighbours {
  /** Never fails. */
  offers(model: string, signal: AbortSignal): Promise<readonly MachineOffer[]>;
  /** From an offset on, to the end of the file. @throws RbeeError machine.away, or the refusal */
  open(
    from: { readonly machine: string; readonly model: string; readonly part: number; readonly byte: number },
    signal: AbortSignal,
  ): Promise<AsyncIterable<Uint8Array>>;
}

/** They may have to hash it first. */
const OFFERS_MS = 60_000;
/** Of a thousand machines that all have it. */
const OFFERS_BYTES_MAX = 4 * 2 ** 20;
const SILENT_MS = 15_000;

export const neighboursBehind = (door: ClusterDoor): Neighbours => ({
  async offers(model, signal) {
    try {
      const path = `/v1/cluster/models?${new URLSearchParams({ model }).toString()}`;
      const response = await askClusterDoor(door, { path, signal, silentMs: OFFERS_MS });
      return offersView.parse(jsonOf(await shortAnswer(response, OFFERS_BYTES_MAX))).offers;
    } catch {
      signal.throwIfAborted();
      // NB1.
      return [];
    }
  },
  async open({ machine, model, part, byte }, signal) {
    const wanted = new URLSearchParams({ machine, model, part: String(part) });
    const path = `/v1/cluster/models/file?${wanted.toString()}`;
    const headers = { range: `bytes=${byte}-` };
    return bodyOf(await askClusterDoor(door, { path, headers, signal, silentMs: SILENT_MS }), signal);
  },
});
