/**
 * A private key and its certificate, in one file below RBEE_HOME, so that there is never one without the other.
 *
 *  KF1 Of any number that make the same file at once one is there afterwards, whole, and all of them read that one.
 *  KF2 A file that others could have read or changed is refused, never used and never repaired.
 *
 * @module
 */
import { createPrivateKey, randomBytes, X509Certificate } from "node:crypto";
import { linkSync, lstatSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Certified } from "../../net/authority/identity.ts";
import { RbeeError } from "../../protocol/errors.ts";

const OTHERS = 0o077;
const KEY = /-----BEGIN PRIVATE KEY-----[^-]+-----END PRIVATE KEY-----\n/;
const CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----\n/;

export const clusterDirOf = (home: string): string => join(home, "cluster");
/** The authority's key and certificate. */
export const authorityKeyFile = (home: string): string => join(clusterDirOf(home), "authority.key.pem");
/** Its certificate alone: what clients are to trust. */
export const authorityFile = (home: string): string => join(clusterDirOf(home), "authority.pem");
/** The door's key and certificate. */
export const doorKeyFile = (home: string): string => join(clusterDirOf(home), "door.key.pem");

/** KF2. @returns nothing where there is none @throws RbeeError home.unusable */
export function readPrivately(file: string): string | undefined {
  const stats = lstatSync(file, { throwIfNoEntry: false });
  if (stats === undefined) return undefined;
  const isOurs = stats.isFile() && stats.uid === (process.getuid?.() ?? stats.uid) && (stats.mode & OTHERS) === 0;
  if (!isOurs) throw unusable(file, "holds a key, and is not this user's alone (0600)");
  return readFileSync(file, "utf8");
}

/** @returns nothing where there is none @throws RbeeError home.unusable */
export function readKeyFile(file: string): Certified | undefined {
  const text = readPrivately(file);
  if (text === undefined) return undefined;
  const [key = ""] = KEY.exec(text) ?? [];
  const [certificate = ""] = CERTIFICATE.exec(text) ?? [];
  try {
    if (new X509Certificate(certificate).checkPrivateKey(createPrivateKey(key))) return { key, certificate };
  } catch {
    // It is damaged: said below.
  }
  throw unusable(file, "holds no key with its certificate");
}

/** KF1: for good, unless there is one already. @returns what stands there now */
export function placeKeyFile(file: string, made: Certified): Certified {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const fresh = `${file}.${randomBytes(6).toString("hex")}.new`;
  try {
    writeFileSync(fresh, keyFileText(made), { mode: 0o600, flag: "wx", flush: true });
    linkSync(fresh, file);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
  } finally {
    rmSync(fresh, { force: true });
  }
  return readKeyFile(file) ?? made;
}

export const keyFileText = ({ key, certificate }: Certified): string => key + certificate;

export const unusable = (file: string, why: string): RbeeError =>
  new RbeeError("home.unusable", `${file} ${why}`, { path: file });
