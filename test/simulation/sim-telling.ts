/**
 * What each machine says of itself from time to time, as its porter does.
 *
 * @module
 */
import { address, type Address } from "../../machines/words.ts";
import type { SimDoor } from "./sim-door.ts";
import type { SimLink } from "./sim-link.ts";
import type { SimSite } from "./sim-site.ts";
import type { SimWorld } from "./sim-world.ts";

const TELL_MS = 1000;

export interface Telling {
  readonly world: SimWorld;
  readonly door: SimDoor;
  readonly link: SimLink;
  /** The queen's own first. */
  readonly sites: readonly SimSite[];
}

/** @param keptBytes what each machine keeps back for itself */
export function tellFromTimeToTime(telling: Telling, queen: Address, keptBytes: number): void {
  const { sites, link, door, world } = telling;
  world.clock.after(TELL_MS, () => {
    for (const site of sites) {
      const tell = (): void => door.tell(queen, toldBy(site, keptBytes));
      if (site === sites[0]) tell();
      else link.send(tell);
    }
    tellFromTimeToTime(telling, queen, keptBytes);
  });
}

function toldBy({ hive, machine, models }: SimSite, keptBytes: number) {
  const less = (bytes: number): number => Math.max(0, bytes - keptBytes);
  const devices = machine.devices().map((device) => ({
    ...device,
    totalBytes: less(device.totalBytes),
    freeBytes: less(device.freeBytes),
  }));
  return { type: "hive.told", hive: address(hive, "hive", "main"), devices, models: models.told() };
}
