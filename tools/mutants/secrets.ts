/**
 * Mutants of secrets: what they are read from, and what is told of keys, tokens and machines that come and go.
 *
 * @module
 */
import { CLUSTER, GUARD, KEY_RING, NODE_LOG, SECRET } from "./killers.ts";
import type { Mutant } from "./mutant.ts";

const SECRET_PART = "src/runtime/config/secret.ts";
const RING_PART = "src/hosts/seats/keys.ts";
const GUARD_PART = "src/net/guard.ts";

export const secrets: readonly Mutant[] = [
  {
    name: "secret-that-all-may-read",
    rule: "SE2",
    breaks: "a key that everybody on the machine may read is used as if it were a secret",
    file: SECRET_PART,
    find: `(mode & OTHERS) === 0 && `,
    replace: ``,
    killers: [SECRET],
  },
  {
    name: "secret-that-a-group-may-read",
    rule: "SE2",
    breaks: "a key that a group may read is used as if it were a secret",
    file: SECRET_PART,
    find: `(isHandedOver || (mode & GROUP) === 0)`,
    replace: `(isHandedOver || mode >= 0)`,
    killers: [SECRET],
  },
  {
    name: "secret-of-two-lines",
    rule: "SE3",
    breaks: "the beginning of a file of something else is sent to a stranger as a key",
    file: SECRET_PART,
    find: `if (lines.length > 1) return`,
    replace: `if (lines.length > 9) return`,
    killers: [SECRET],
  },
  {
    name: "file-before-the-variable",
    rule: "SE1",
    breaks: "a key that is given for one run is not the one that is used",
    file: SECRET_PART,
    find: `if (env[name] || !file) return`,
    replace: `if (!file) return`,
    killers: [SECRET],
  },
  {
    name: "refused-key-written-down",
    rule: "D10",
    breaks: "a key with a typing error stands in the log",
    file: GUARD_PART,
    find: `word === undefined ? undefined : fingerprintOf(hashOf(word))`,
    replace: `word`,
    killers: [GUARD],
  },
  {
    name: "stops-comparing-when-found",
    rule: "D3",
    breaks: "the time that a wrong key takes says how many there are before the one it is like",
    file: GUARD_PART,
    find: `for (const [id, hash] of hashes) if (timingSafeEqual(given, hash)) found = id;
  return found;`,
    replace: `for (const [id, hash] of hashes) if (timingSafeEqual(given, hash)) return id;
  return found;`,
    killers: [GUARD],
  },
  {
    name: "keys-made-anew-at-each-start",
    rule: "KR3",
    breaks: "each start of a node tells of its keys as if somebody had just made them",
    file: RING_PART,
    find: `if (before === undefined) return;`,
    replace: ``,
    killers: [KEY_RING],
  },
  {
    name: "revoked-in-silence",
    rule: "KR3",
    breaks: "nobody can find out when a key was revoked",
    file: RING_PART,
    find: `if (!now.has(row.id)) this.#tell`,
    replace: `if (now.size < 0) this.#tell`,
    killers: [KEY_RING],
  },
  {
    name: "removed-in-silence",
    rule: "CU5",
    breaks: "nobody can find out when a machine was put out of the cluster",
    file: "src/hosts/cluster/cluster.ts",
    find: `    this.#options.tell({ event: "machine.removed", name });
`,
    replace: ``,
    killers: [CLUSTER],
  },
  {
    name: "refused-by-nobody",
    rule: "NL6",
    breaks: "who tries keys at the door cannot be found, and cannot be told from a program with an old one",
    file: "src/hosts/watching/node-log.ts",
    find: `        [FIELDS.address]: news.stranger?.address,
        [FIELDS.keyFingerprint]: news.stranger?.fingerprint,
`,
    replace: ``,
    killers: [NODE_LOG],
  },
];
