/**
 * Mutants of the door that other machines reach: TLS, who may be linked, and whose word is taken for the queen.
 *
 * @module
 */
import { AUTHORITIES, ENTRANCE, ENTRANCE_TROUBLE, OWN_NAMES } from "./killers.ts";
import type { Mutant } from "./mutant.ts";

const ENTRANCE_PART = "src/net/entrance.ts";
const SERVE_PART = "src/net/serve.ts";
const UPGRADES_PART = "src/net/upgrades.ts";
const IDENTITY_PART = "src/net/authority/identity.ts";

export const entrance: readonly Mutant[] = [
  {
    name: "key-said-in-the-clear",
    rule: "EN1",
    breaks: "a door that others reach takes keys and prompts unencrypted",
    file: ENTRANCE_PART,
    find: `if (this.#options.plain) {`,
    replace: `if (this.#options.plain !== undefined) {`,
    killers: [ENTRANCE],
  },
  {
    name: "open-without-a-certificate",
    rule: "S8",
    breaks: "a door that others reach opens unencrypted where no certificate is given to it",
    file: SERVE_PART,
    find: `else if (!plain) throw`,
    replace: `else if (plain === undefined) throw`,
    killers: [ENTRANCE],
  },
  {
    name: "silent-strangers-stay",
    rule: "EN2",
    breaks: "whoever connects and says nothing keeps a place for ever",
    file: ENTRANCE_PART,
    find: `setTimeout(() => this.#late(socket), arrivalMs)`,
    replace: `setTimeout(() => this.#late(socket), 1_000 * arrivalMs)`,
    killers: [ENTRANCE_TROUBLE],
    mayHang: true,
  },
  {
    name: "strangers-take-every-place",
    rule: "EN2",
    breaks: "who opens connections without end keeps everybody else out",
    file: ENTRANCE_PART,
    find: `if (!plain && this.#arriving.size >= arrivingMax) this.#oldest()?.destroy();`,
    replace: ``,
    killers: [ENTRANCE_TROUBLE],
    mayHang: true,
  },
  {
    name: "greetings-without-end",
    rule: "EN4",
    breaks: "a stranger who greets without end has the node do nothing else",
    file: ENTRANCE_PART,
    find: `if (!plain && this.#greeted >= greetingsMax) return;`,
    replace: ``,
    killers: [ENTRANCE_TROUBLE],
  },
  {
    name: "renewed-and-not-shown",
    rule: "EN3",
    breaks: "a certificate that was renewed is shown after the next restart only",
    file: ENTRANCE_PART,
    find: `this.#tls.shown !== identity`,
    replace: `this.#tls.shown === undefined`,
    killers: [ENTRANCE],
  },
  {
    name: "certificate-of-anybody",
    rule: "ID1",
    breaks: "whoever signs himself a certificate of a hive is one",
    file: IDENTITY_PART,
    find: ` || !socket.authorized`,
    replace: ``,
    killers: [ENTRANCE],
  },
  {
    name: "role-after-its-end",
    rule: "ID1",
    breaks: "a connection keeps its role for years after its certificate has ended",
    file: IDENTITY_PART,
    find: ` || Date.parse(endsAt) <= Date.now()`,
    replace: ``,
    killers: [ENTRANCE],
  },
  {
    name: "link-for-every-role",
    rule: "S9",
    breaks: "a certificate that was made for a client links a machine",
    file: UPGRADES_PART,
    find: ` || !upgrade.roles.includes(peer.role)`,
    replace: ``,
    killers: [ENTRANCE],
  },
  {
    name: "link-for-a-page",
    rule: "S9",
    breaks: "a page in a browser that has a certificate links itself",
    file: UPGRADES_PART,
    find: ` || isPage`,
    replace: ``,
    killers: [ENTRANCE],
  },
  {
    name: "link-outlives-its-server",
    rule: "S9",
    breaks: "a node with a linked machine never stops",
    file: UPGRADES_PART,
    find: `for (const socket of this.#taken) socket.destroy();`,
    replace: ``,
    killers: [ENTRANCE],
    mayHang: true,
  },
  {
    name: "any-authority-will-do",
    rule: "PI1",
    breaks: "a machine that joins gives its token to whoever answers",
    file: "src/net/authority/pinned.ts",
    find: `if (plain(at.fingerprint256) === fingerprint) return`,
    replace: `if (plain(at.fingerprint256) !== "") return`,
    killers: [ENTRANCE],
  },
  {
    name: "unproved-told-as-absent",
    rule: "DR1",
    breaks: "a queen with a wrong certificate is told as one that is not there",
    file: "src/cli/client/door.ts",
    find: `if (UNTRUSTED.has(why)) {`,
    replace: `if (why === "") {`,
    killers: [AUTHORITIES],
  },
  {
    name: "fingerprint-besides-others",
    rule: "TA1",
    breaks: "who names an authority by its fingerprint trusts another",
    file: "src/cli/client/authorities.ts",
    find: `if (FINGERPRINT.test(named)) return [await`,
    replace: `if (FINGERPRINT.test(named)) return [...ownAuthority(home), await`,
    killers: [AUTHORITIES],
  },
  {
    name: "address-of-nowhere-first",
    rule: "ON2",
    breaks: "a token names loopback, which another machine does not reach",
    file: "src/net/own-names.ts",
    find: `if (isLoopback(host)) return 4;`,
    replace: `if (isLoopback(host)) return -1;`,
    killers: [OWN_NAMES],
  },
];
