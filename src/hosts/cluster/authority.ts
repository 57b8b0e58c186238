/**
 * This home's cluster authority, and the certificate that its door shows.
 *
 * Owns: when each is made and renewed. Does not own: what stands in them (src/net/authority/certificates.ts, loaded
 * when one is made), the files (key-file.ts), or who is given a certificate (cluster.ts).
 *
 *  AU1 The authority is made on first use and stays: whoever joined knows the cluster by it.
 *  AU2 The door shows a certificate for each name and address that it is called by at the time, with a month or more to
 *      go. It is looked after at most once a minute, when somebody comes; so nothing of it runs while nobody does.
 *  AU3 Where a new one cannot be made, the old one is shown as long as it is valid.
 *
 * @module
 */
import { randomBytes, X509Certificate } from "node:crypto";
import { isIP } from "node:net";
import type { Certified, Identity } from "../../net/authority/identity.ts";
import type { Role } from "../../protocol/cluster-api.ts";
import { errorData } from "../../protocol/errors.ts";
import { writePrivately } from "../../runtime/config/private-file.ts";
import { authorityFile, authorityKeyFile, doorKeyFile, keyFileText, placeKeyFile, readKeyFile } from "./key-file.ts";

export interface AuthorityOptions {
  readonly home: string;
  /** Of this machine in the cluster. */
  readonly name: string;
  /** Names and addresses by which the door is called now. */
  readonly hosts: () => readonly string[];
  readonly now: () => number;
  /** Takes a line for people. */
  readonly log: (line: string) => void;
}

const LOOK_EVERY_MS = 60_000;
export const RENEW_BEFORE_MS = 30 * 86_400_000;

export class Authority {
  readonly #options: AuthorityOptions;
  #authority: Promise<Certified> | undefined;
  #shown: Identity | undefined;
  #lookedAt = Number.NEGATIVE_INFINITY;
  #looking: Promise<Identity> | undefined;

  constructor(options: AuthorityOptions) {
    this.#options = options;
  }

  get name(): string {
    return this.#options.name;
  }

  /** AU1. */
  authority(): Promise<Certified> {
    this.#authority ??= this.#open().catch((thrown: unknown) => {
      this.#authority = undefined;
      throw thrown;
    });
    return this.#authority;
  }

  /** AU2. What the door shows. */
  identity(): Promise<Identity> {
    const sinceMs = this.#options.now() - this.#lookedAt;
    if (this.#shown !== undefined && sinceMs >= 0 && sinceMs < LOOK_EVERY_MS) return Promise.resolve(this.#shown);
    this.#looking ??= this.#look().finally(() => (this.#looking = undefined));
    return this.#looking;
  }

  /** @returns the certificate, as PEM */
  async issue(holder: { readonly name: string; readonly role: Role; readonly publicKey: string }): Promise<string> {
    const { issue } = await import("../../net/authority/certificates.ts");
    return issue(await this.authority(), { ...holder, hosts: [] }, this.#options.now());
  }

  async #open(): Promise<Certified> {
    const { home, now } = this.#options;
    const file = authorityKeyFile(home);
    const found = readKeyFile(file) ?? placeKeyFile(file, await this.#make(now()));
    writePrivately(authorityFile(home), found.certificate);
    return found;
  }

  async #make(atMs: number): Promise<Certified> {
    const { makeAuthority } = await import("../../net/authority/certificates.ts");
    return makeAuthority(`rbee-${randomBytes(8).toString("hex")}`, atMs);
  }

  async #look(): Promise<Identity> {
    const authority = await this.authority();
    const kept = this.#shown ?? this.#kept(authority);
    const shown = kept !== undefined && this.#isFit(kept) ? kept : await this.#renewed(authority, kept);
    this.#lookedAt = this.#options.now();
    this.#shown = shown;
    return shown;
  }

  /** AU3. */
  async #renewed(authority: Certified, kept: Identity | undefined): Promise<Identity> {
    const { home, now, log } = this.#options;
    try {
      const made = await this.#issueOwn(authority);
      writePrivately(doorKeyFile(home), keyFileText(made));
      return made;
    } catch (thrown) {
      if (kept === undefined || endOf(kept.certificate) <= now()) throw thrown;
      log(`the certificate of the door could not be renewed, the old one is shown: ${errorData(thrown).message}`);
      return kept;
    }
  }

  #kept(authority: Certified): Identity | undefined {
    const kept = readKeyFile(doorKeyFile(this.#options.home));
    if (kept === undefined) return undefined;
    const isOurs = new X509Certificate(kept.certificate).verify(new X509Certificate(authority.certificate).publicKey);
    return isOurs ? { ...kept, authority: authority.certificate } : undefined;
  }

  #isFit({ certificate }: Identity): boolean {
    const { hosts, now } = this.#options;
    const read = new X509Certificate(certificate);
    const names = (host: string): boolean => (isIP(host) > 0 ? read.checkIP(host) : read.checkHost(host)) !== undefined;
    const [beginsAt, endsAt] = [Date.parse(read.validFrom), Date.parse(read.validTo)];
    return beginsAt <= now() && endsAt - now() > RENEW_BEFORE_MS && hosts().every(names);
  }

  async #issueOwn(authority: Certified): Promise<Identity> {
    const { issue, makeKey, publicKeyOf } = await import("../../net/authority/certificates.ts");
    const { name, hosts, now } = this.#options;
    const key = makeKey();
    const holder = { name, role: "queen", publicKey: publicKeyOf(key), hosts: hosts() } as const;
    return { key, certificate: await issue(authority, holder, now()), authority: authority.certificate };
  }
}

export const endOf = (certificate: string): number => Date.parse(new X509Certificate(certificate).validTo);
