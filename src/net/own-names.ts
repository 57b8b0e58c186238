/**
 * The names by which a door is called, as they stand in a Host header.
 *
 *  ON1 What listens at every address is called by each address that this machine has, and by its host name; nobody else
 *      chooses one.
 *
 * @module
 */
import { hostname, networkInterfaces } from "node:os";

const EVERYWHERE: ReadonlySet<string> = new Set(["0.0.0.0", "::", ""]);

/** @param host what it listens at */
export function ownNames(host: string): readonly string[] {
  if (!EVERYWHERE.has(host)) return [inHeader(host)];
  const addresses = Object.values(networkInterfaces()).flatMap((of = []) => of.map(({ address }) => address));
  return [inHeader(host), ...addresses.map(inHeader), hostname(), `${hostname()}.local`];
}

/** An IPv6 address stands in brackets there, without the zone that only this machine knows. */
const inHeader = (address: string): string => (address.includes(":") ? `[${address.replace(/%.*$/, "")}]` : address);
