/**
 * Mutants of what a link carries: frames, lanes, windows, messages, pipes; and of what people are told of it.
 *
 * @module
 */
import { LINK, LINK_BEAT, LINK_DELIVERY, LINK_FUZZ, LINK_PARTS, LINK_PIPES, LINK_WORDS } from "./killers.ts";
import type { Mutant } from "./mutant.ts";

const BEAT_PART = "src/net/link/beat.ts";
const GATHER_PART = "src/net/link/gather.ts";
const LANES_PART = "src/net/link/lanes.ts";
const LINK_PART = "src/net/link/link.ts";
const MESSAGES_PART = "src/net/link/messages.ts";
const PINGS_PART = "src/net/link/pings.ts";
const PIPES_PART = "src/net/link/pipes.ts";
const ROSTER_PART = "src/net/link/roster.ts";
const TRANSIT_PART = "src/net/link/transit.ts";

export const linksCarry: readonly Mutant[] = [
  {
    name: "replay-taken",
    rule: "TR1",
    breaks: "a frame that was sent before is taken again",
    file: TRANSIT_PART,
    find: `if (number !== this.#received + 1) throw`,
    replace: `if (number > this.#received + 1) throw`,
    killers: [LINK_PARTS, LINK],
  },
  {
    name: "ack-of-nothing-believed",
    rule: "TR2",
    breaks: "an ack of what was never sent opens the window",
    file: TRANSIT_PART,
    find: `if (acked > this.#sent) throw`,
    replace: `if (acked < 0) throw`,
    killers: [LINK_PARTS, LINK],
  },
  {
    name: "window-of-all-lanes-one",
    rule: "TR3",
    breaks: "bulk uses up what is kept for control",
    file: TRANSIT_PART,
    find: `WINDOW_BYTES[lane] - this.#bytes`,
    replace: `WINDOW_BYTES.control - this.#bytes + (lane === "control" ? 0 : 1)`,
    killers: [LINK_PARTS],
  },
  {
    name: "stall-counted-from-the-beginning",
    rule: "TR4",
    breaks: "a peer that takes everything, slowly, is cut",
    file: TRANSIT_PART,
    find: `      this.#progressMs = nowMs;\n`,
    replace: ``,
    killers: [LINK_PARTS],
  },
  {
    name: "control-behind-data-on-a-link",
    rule: "LA2",
    breaks: "a stop waits behind everything that was said before",
    file: LANES_PART,
    find: `    this.#fillMessages(frame, "control", room("control"));
    this.#fillMessages(frame, "data", Math.min(room("data"), PIECES_BYTES_MAX - bulkShare));`,
    replace: `    this.#fillMessages(frame, "data", Math.min(room("data"), PIECES_BYTES_MAX - bulkShare));
    this.#fillMessages(frame, "control", room("control"));`,
    killers: [LINK_PARTS, LINK],
  },
  {
    name: "bulk-starved-by-data",
    rule: "LA3",
    breaks: "streams stand still while mail flows",
    file: LANES_PART,
    find: `PIECES_BYTES_MAX - bulkShare`,
    replace: `PIECES_BYTES_MAX - bulkShare + BULK_SHARE_BYTES`,
    killers: [LINK_PARTS],
  },
  {
    name: "waiting-without-bound",
    rule: "LA4",
    breaks: "what a peer does not take fills the memory",
    file: LANES_PART,
    find: `if (this.#waiting[lane] + message.length > WAITING_BYTES_MAX[lane]) return false;`,
    replace: ``,
    killers: [LINK_PARTS, LINK],
  },
  {
    name: "rest-of-a-message-forgotten",
    rule: "LA1",
    breaks: "a large message is sent from its beginning in every frame",
    file: LANES_PART,
    find: `this.#sentOfFirst[lane] = more ? start + bytes.length : 0;`,
    replace: `this.#sentOfFirst[lane] = more ? bytes.length : 0;`,
    killers: [LINK_PARTS, LINK],
    mayHang: true,
  },
  {
    name: "unfinished-without-bound",
    rule: "GA2",
    breaks: "a message that never ends fills the memory",
    file: GATHER_PART,
    find: `if (this.#bytes[lane] > this.#bytesMax) throw`,
    replace: `if (this.#bytes[lane] < 0) throw`,
    killers: [LINK_PARTS],
  },
  {
    name: "numbered-mail-of-another-life",
    rule: "RO1",
    breaks: "mail that was sent to an earlier life overtakes what is sent again",
    file: ROSTER_PART,
    find: `const meant = known === fromLife && this.ours.get(to) === toLife;`,
    replace: `const meant = known === fromLife;`,
    killers: [LINK],
  },
  {
    name: "mail-of-an-ended-life",
    rule: "RO1",
    breaks: "what an earlier life has sent is taken behind what the next one says",
    file: ROSTER_PART,
    find: `const meant = known === fromLife && `,
    replace: `const meant = `,
    killers: [LINK],
  },
  {
    name: "heard-of-hosts-that-are-not-there",
    rule: "RO3",
    breaks: "a machine speaks for a host that it never told of",
    file: ROSTER_PART,
    find: `    if (known === undefined) return [];\n`,
    replace: ``,
    killers: [LINK, LINK_FUZZ],
  },
  {
    name: "code-of-a-later-version",
    rule: "ME3",
    breaks: "an error that only a later version knows breaks the host that reads it",
    file: MESSAGES_PART,
    find: `value.frames.some(isOfUnknownCode)`,
    replace: `value.frames.length < 0`,
    killers: [LINK],
  },
  {
    name: "mail-of-a-turn-in-one-piece",
    rule: "ME4",
    breaks: "what is sent again after a long silence is too large to be sent",
    file: MESSAGES_PART,
    find: `  if (frames.length > 1) {`,
    replace: `  if (frames.length < 1) {`,
    killers: [LINK, LINK_DELIVERY],
  },
  {
    name: "envelope-not-looked-at",
    rule: "ME1",
    breaks: "an envelope without an address reaches a host",
    file: MESSAGES_PART,
    find: `if (!isAddress(to) || !isAddress(from) || !isCount(n) || !isMessage(event)) return false;`,
    replace: ``,
    killers: [LINK],
  },
  {
    name: "pipe-beyond-its-credit",
    rule: "PI2",
    breaks: "a pipe that nobody reads is sent on and on",
    file: PIPES_PART,
    find: `Math.min(bytesMax, pipe.creditBytes - pipe.sentBytes)`,
    replace: `bytesMax`,
    killers: [LINK_PIPES],
  },
  {
    name: "pipe-credit-never-given",
    rule: "PI2",
    breaks: "a pipe stands still for ever after its first credit",
    file: PIPES_PART,
    find: `    this.#options.signal({ kind: "credit", pipe: id, bytes: pipe.creditBytes });\n`,
    replace: ``,
    killers: [LINK_PIPES],
  },
  {
    name: "pipe-waiting-without-bound",
    rule: "PI3",
    breaks: "what waits in a pipe fills the memory",
    file: PIPES_PART,
    find: `pipe.waitingBytes + bytes.length > PIPE_WAITING_BYTES_MAX`,
    replace: `pipe.waitingBytes < 0`,
    killers: [LINK_PIPES],
  },
  {
    name: "pipes-outlive-their-link",
    rule: "PI4",
    breaks: "who reads a pipe waits for ever when its link has gone",
    file: LINK_PART,
    find: `    this.#pipes.cutAll(reason.message);\n`,
    replace: ``,
    killers: [LINK_PIPES],
  },
  {
    name: "each-try-in-vain-told",
    rule: "LW1",
    breaks: "a machine whose queen is off for a night writes a line a second",
    file: "src/hosts/cluster/link-words.ts",
    find: `if (before?.cause === cause) return;`,
    replace: ``,
    killers: [LINK_WORDS],
  },
  {
    name: "lease-in-a-frame-of-its-own",
    rule: "PN1",
    breaks: "a queen of a thousand machines sends half as many frames again",
    file: LINK_PART,
    find: `    if (pings) this.#enqueue("control", PING);\n`,
    replace: ``,
    killers: [LINK],
  },
  {
    name: "beat-in-front-of-the-lease",
    rule: "BT6",
    breaks: "each ping goes by itself just before something that would have taken it along",
    file: BEAT_PART,
    find: `BEHIND_MS = 2 * LOOK_MS;`,
    replace: `BEHIND_MS = 0;`,
    killers: [LINK_BEAT, LINK],
  },
  {
    name: "every-word-takes-a-ping",
    rule: "PN1",
    breaks: "a busy link carries a ping in each of its frames, and an answer to each",
    file: PINGS_PART,
    find: `const ALONG_MS = PING_MS - SAME_MS;`,
    replace: `const ALONG_MS = 0;`,
    killers: ["test/unit/net/link/pings.test.ts"],
  },
  {
    name: "said-over-the-wrong-link",
    rule: "OF1",
    breaks: "a queen never hears of the models of a machine whose link broke while it looked",
    file: "src/hosts/cluster/offer.ts",
    find: `    const said = this.#said;
    const { devices, models } = await tellingOf({ room, headroomBytes, catalog: own.catalog });`,
    replace: `    const { devices, models } = await tellingOf({ room, headroomBytes, catalog: own.catalog });
    const said = this.#said;`,
    killers: ["test/unit/hosts/cluster/offer.test.ts"],
  },
];
