/**
 * The names by which a door is called, as they stand in a Host header, and in its certificate.
 *
 *  ON1 What listens at every address is called by each address that this machine has, and by its host name; nobody else
 *      chooses one.
 *  ON2 Its certificate names the same, and this machine's own ways to it; so many at most.
 *
 * @module
 */
import { isIP } from "node:net";
import { hostname, networkInterfaces } from "node:os";
import { isLoopback } from "../protocol/loopback.ts";

const EVERYWHERE: ReadonlySet<string> = new Set(["0.0.0.0", "::", ""]);

/** @param host what it listens at */
export function ownNames(host: string): readonly string[] {
  if (!EVERYWHERE.has(host)) return [inHeader(host)];
  const addresses = Object.values(networkInterfaces()).flatMap((of = []) => of.map(({ address }) => address));
  return [inHeader(host), ...addresses.map(inHeader), hostname(), `${hostname()}.local`];
}

/**
 * ON2. As names and addresses, those by which others reach it first: of addresses, the shorter kind before the other.
 *
 * @param host what it listens at
 */
export function ownHosts(host: string): readonly string[] {
  const own = ownNames(host).filter((name) => !EVERYWHERE.has(bare(name)));
  const hosts = [...own.map(bare), "localhost", "127.0.0.1", "::1"];
  return [...new Set(hosts)].toSorted((one, other) => distance(one) - distance(other)).slice(0, OWN_HOSTS_MAX);
}

const OWN_HOSTS_MAX = 64;

/** An IPv6 address stands in brackets there, without the zone that only this machine knows. */
const inHeader = (address: string): string => (address.includes(":") ? `[${address.replace(/%.*$/, "")}]` : address);
const bare = (name: string): string => name.replace(/^\[(.*)\]$/, "$1");

/** Loopback is no way from elsewhere, an address of the link alone hardly one. */
function distance(host: string): number {
  if (isLoopback(host)) return 4;
  if (/^(fe80|169\.254)/i.test(host)) return 3;
  const kind = isIP(host);
  return kind === 4 ? 0 : kind === 6 ? 1 : 2;
}
