/**
 * How many connections the door of a node keeps open at once.
 *
 *  CN1 Connections never take the descriptors that the node needs for its files, its workers, its own socket and the
 *      hive's door: who has asked for more than there is room for gets what there is.
 *
 * @module
 */
import { LOCAL_CONNECTIONS_MAX } from "../../net/serve.ts";

/** At the hive's door, where nobody streams. */
export const HIVE_CONNECTIONS_MAX = 256;
/** Journals, logs, models that are fetched, and a few pipes for each worker. */
const KEPT_BACK = 256 + LOCAL_CONNECTIONS_MAX + HIVE_CONNECTIONS_MAX;
const AUTO_SHARE = 0.5;
const AUTO_MAX = 65_536;
/** Where nobody knows how many descriptors there are. */
const UNKNOWN = 1_024 + KEPT_BACK;
/** With fewer there is no door worth the name. */
const LEAST = 16;

/** @param descriptors that this process may have open */
export function connectionsMax(asked: number | "auto", descriptors: number = UNKNOWN): number {
  const wanted = asked === "auto" ? Math.min(AUTO_MAX, Math.floor(descriptors * AUTO_SHARE)) : asked;
  return Math.max(LEAST, Math.min(wanted, descriptors - KEPT_BACK));
}
