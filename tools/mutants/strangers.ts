/**
 * Mutants of what keeps strangers out: web pages, and whoever tries keys.
 *
 * @module
 */
import { GUARD, GUESSES } from "./killers.ts";
import type { Mutant } from "./mutant.ts";

const GUARD_PART = "src/net/guard.ts";
const GUESSES_PART = "src/net/guesses.ts";

export const strangers: readonly Mutant[] = [
  {
    name: "image-of-a-page",
    rule: "D7",
    breaks: "an image or a script of any web page makes a door work",
    file: GUARD_PART,
    find: `if (origin === undefined && isOfPageElsewhere(headers)) {`,
    replace: `if (origin === "" && isOfPageElsewhere(headers)) {`,
    killers: [GUARD],
  },
  {
    name: "neighbour-taken-for-the-same",
    rule: "D7",
    breaks: "a page from another port of this machine is taken for one of the node's own",
    file: GUARD_PART,
    find: `if (site !== "cross-site" && site !== "same-site") return false;`,
    replace: `if (site !== "cross-site") return false;`,
    killers: [GUARD],
  },
  {
    name: "frame-taken-for-a-link",
    rule: "D7",
    breaks: "a page has a door work by a frame that it holds",
    file: GUARD_PART,
    find: ` || headers["sec-fetch-dest"] !== "document"`,
    replace: ``,
    killers: [GUARD],
  },
  {
    name: "guesses-uncounted",
    rule: "D8",
    breaks: "whoever tries keys may go on for ever",
    file: GUARD_PART,
    find: `      this.#guesses.wrong(address, hash);
`,
    replace: ``,
    killers: [GUARD],
  },
  {
    name: "right-one-heard-all-the-same",
    rule: "GU1",
    breaks: "behind too many wrong keys the right one is found all the same",
    file: GUARD_PART,
    find: `      this.#guesses.check(address);
`,
    replace: ``,
    killers: [GUARD],
  },
  {
    name: "minute-that-begins-anew",
    rule: "GU1",
    breaks: "an address is listened to again before its minute is over",
    file: GUESSES_PART,
    find: `this.#nowMs() - tried.sinceMs < WINDOW_MS`,
    replace: `this.#nowMs() - tried.sinceMs < WINDOW_MS - 1`,
    killers: [GUESSES],
  },
  {
    name: "old-key-shuts-out",
    rule: "GU2",
    breaks: "a program that still sends an old key shuts out every other of its machine",
    file: GUESSES_PART,
    find: `tried.words.add(hash.toString("base64"))`,
    replace: `tried.words.add(String(tried.words.size))`,
    killers: [GUESSES],
  },
  {
    name: "network-of-its-last-group",
    rule: "GU3",
    breaks: "one machine has a new name for every guess",
    file: GUESSES_PART,
    find: `const NETWORK_GROUPS = 4;`,
    replace: `const NETWORK_GROUPS = 8;`,
    killers: [GUESSES],
  },
  {
    name: "guessers-remembered-for-ever",
    rule: "GU4",
    breaks: "the memory grows with every address that tries a key",
    file: GUESSES_PART,
    find: `this.#tried.size > ADDRESSES_MAX`,
    replace: `this.#tried.size > 2 * ADDRESSES_MAX`,
    killers: [GUESSES],
  },
];
