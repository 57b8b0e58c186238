/**
 * What the doctor examines of the cluster: its authority, this door's certificate, and the clock they go by.
 *
 * @module
 */
import { X509Certificate } from "node:crypto";
import { authorityKeyFile, doorKeyFile, readKeyFile } from "../../hosts/cluster/key-file.ts";
import { readMembership } from "../../hosts/cluster/membership.ts";
import type { Membership } from "../../net/authority/join.ts";
import { clusterOf, fingerprintOf } from "../../net/authority/identity.ts";
import { type Check, fail, type Finding, ok, warn } from "./check.ts";

const DAY_MS = 86_400_000;
/** Time enough to have every machine join again. */
const AUTHORITY_WARNING_MS = 90 * DAY_MS;
/** Half of the time in which a node that runs renews its own. */
const DOOR_WARNING_MS = 15 * DAY_MS;
const MEMBER_WARNING_MS = 30 * DAY_MS;

/** Nothing while this home has had nothing to do with other machines. */
export const cluster: Check = {
  name: "cluster",
  examine({ paths, holder }) {
    const authority = readKeyFile(authorityKeyFile(paths.home));
    if (authority === undefined) return undefined;
    const door = holder === undefined ? undefined : readKeyFile(doorKeyFile(paths.home));
    return clusterFinding(authority.certificate, door?.certificate, Date.now());
  },
};

/** Of a machine that has joined another's cluster. */
export const member: Check = {
  name: "member",
  examine({ paths }) {
    const joined = readMembership(paths.home);
    return joined && memberFinding(joined, Date.now());
  },
};

export function memberFinding({ certificate, clusterId, name, url }: Membership, nowMs: number): Finding {
  const { validTo } = new X509Certificate(certificate);
  const text = `${name} of ${clusterId} at ${url}, by a certificate until ${day(validTo)}`;
  const again = "Join again: `rbee token create` on the queen's machine, then `rbee join TOKEN` here.";
  const leftMs = Date.parse(validTo) - nowMs;
  if (leftMs <= 0) return fail(text, again);
  return leftMs < MEMBER_WARNING_MS ? warn(text, again) : ok(text);
}

/** @param door of a node that runs: without one the next start makes it anew */
export function clusterFinding(authority: string, door: string | undefined, nowMs: number): Finding {
  const { validFrom, validTo } = new X509Certificate(authority);
  const leftMs = Date.parse(validTo) - nowMs;
  const again = "Make a new authority: stop the node, remove RBEE_HOME/cluster, and have every machine join again.";
  if (nowMs < Date.parse(validFrom)) {
    const remedy = "Set the clock, and let it be kept by NTP: certificates and deadlines go by it.";
    return fail(`the cluster's authority is from ${day(validFrom)}, which is still to come by this clock`, remedy);
  }
  if (leftMs <= 0) return fail(`the cluster's authority ended on ${day(validTo)}`, again);
  if (leftMs < AUTHORITY_WARNING_MS) return warn(`the cluster's authority ends on ${day(validTo)}`, again);
  const doorEnd = door === undefined ? undefined : new X509Certificate(door).validTo;
  if (doorEnd !== undefined && Date.parse(doorEnd) - nowMs < DOOR_WARNING_MS) {
    const remedy = "Read why it was not renewed: `rbee logs`. Then start the node again.";
    return warn(`the certificate of this door ends on ${day(doorEnd)}`, remedy);
  }
  return ok(`${clusterOf(authority)} until ${day(validTo)}; fingerprint ${fingerprintOf(authority)}`);
}

const day = (date: string): string => new Date(date).toISOString().slice(0, 10);
