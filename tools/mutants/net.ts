/**
 * Mutants of the net: frames, and the spool of what jobs have said.
 *
 * @module
 */
import { FRAMES, GUARD, SERVE, STREAMS } from "./killers.ts";
import type { Mutant } from "./mutant.ts";

const FRAMES_PART = "src/net/frames.ts";
const STREAMS_PART = "src/net/streams.ts";

export const net: readonly Mutant[] = [
  {
    name: "key-of-one-dialect-only",
    rule: "D3",
    breaks: "who sends the token as x-api-key stays outside",
    file: "src/net/guard.ts",
    find: `?? String(key)`,
    replace: `?? ""`,
    killers: [GUARD],
  },
  {
    name: "refusal-without-a-name",
    rule: "S5",
    breaks: "a request cannot be told apart from another in the header of its dialect",
    file: "src/net/serve.ts",
    find: `if (requestIdHeader !== undefined) reply.header(requestIdHeader, id);`,
    replace: ``,
    killers: [SERVE],
  },
  {
    name: "frame-length-unchecked",
    rule: "F2",
    breaks: "a peer makes a node allocate as much as it says",
    file: FRAMES_PART,
    find: `  if (length > FRAME_BYTES_MAX) {`,
    replace: `  if (length < 0) {`,
    killers: [FRAMES],
  },
  {
    name: "read-on-after-a-refused-frame",
    rule: "F2",
    breaks: "what follows a refused frame is read as if it were one",
    file: FRAMES_PART,
    find: `this.#refused = length > FRAME_BYTES_MAX;`,
    replace: ``,
    killers: [FRAMES],
  },
  {
    name: "header-cut-in-two-misread",
    rule: "F1",
    breaks: "a header that comes in two chunks is misread",
    file: FRAMES_PART,
    find: `chunk.copy(this.#header, this.#headerFilled, start)`,
    replace: `chunk.copy(this.#header, 0, start)`,
    killers: [FRAMES],
  },
  {
    name: "chunk-of-an-old-attempt-shown",
    rule: "S1",
    breaks: "readers see what an attempt says that was given up",
    file: STREAMS_PART,
    find: `attempt !== spool.attempt || index !== spool.chunks.length`,
    replace: `index !== spool.chunks.length`,
    killers: [STREAMS],
  },
  {
    name: "credit-never-given-back",
    rule: "S5",
    breaks: "a worker is never told that its reader has read",
    file: STREAMS_PART,
    find: `    this.#options.credit(spool.worker, job, spool.attempt, chunks);`,
    replace: ``,
    killers: [STREAMS],
  },
];
