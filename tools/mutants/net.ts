/**
 * Mutants of the net: frames, and the spool of what jobs have said.
 *
 * @module
 */
import { FRAMES, GUARD, SERVE, SERVE_CLIENTS, SERVE_EVENTS, STREAMS } from "./killers.ts";
import type { Mutant } from "./mutant.ts";

const FRAMES_PART = "src/net/frames.ts";
const STREAMS_PART = "src/net/streams.ts";

const SERVE_PART = "src/net/serve.ts";

export const net: readonly Mutant[] = [
  {
    name: "first-words-lost-to-a-status",
    rule: "E3",
    breaks: "what was said just before a failure is dropped, and written behind the end of its refusal",
    file: "src/net/sse.ts",
    find: ` || this.#pending !== ""`,
    replace: ``,
    killers: [SERVE_EVENTS],
  },
  {
    name: "half-closed-taken-for-gone",
    rule: "HC1",
    breaks: "a client that closed its side and still reads is never answered",
    file: SERVE_PART,
    find: `server.httpAllowHalfOpen = true;`,
    replace: ``,
    killers: [SERVE_CLIENTS],
  },
  {
    name: "gone-taken-for-half-closed",
    rule: "HC2",
    breaks: "a client that has gone keeps its slot until its answer is whole",
    file: "src/net/half-closed.ts",
    find: `for (const probe of probes) probe();`,
    replace: ``,
    killers: [SERVE_CLIENTS],
  },
  {
    name: "asked-once-whether-gone",
    rule: "HC2",
    breaks: "over TCP nobody sees the reset that the one probe is answered with",
    file: "src/net/half-closed.ts",
    find: `      askAfter(nextMs, Math.min(nextMs * 2, LONGEST_MS));`,
    replace: ``,
    killers: [SERVE_CLIENTS],
  },
  {
    name: "pipeline-without-end",
    rule: "PL1",
    breaks: "one connection has as many calls run as it can send",
    file: "src/net/pipeline.ts",
    find: `if (open >= PIPELINE_MAX) return false;`,
    replace: ``,
    killers: [SERVE_CLIENTS],
  },
  {
    name: "unread-and-kept",
    rule: "S2",
    breaks: "who reads nothing of an answer keeps it, and its connection, for as long as it likes",
    file: SERVE_PART,
    find: `if (socket.writableLength > 0) socket.destroy();`,
    replace: ``,
    killers: [SERVE_CLIENTS],
  },
  {
    name: "closed-when-the-idle-leave",
    rule: "S6",
    breaks: "a server that closes waits for connections over which nothing is asked",
    file: SERVE_PART,
    find: `setInterval(() => server.closeIdleConnections(), IDLE_POLL_MS)`,
    replace: `setInterval(() => {}, IDLE_POLL_MS)`,
    killers: [SERVE_CLIENTS],
    mayHang: true,
  },
  {
    name: "kept-alive-while-it-closes",
    rule: "S6",
    breaks: "a server that closes lets clients count on their connection",
    file: SERVE_PART,
    find: `if (isClosing()) reply.header("connection", "close");`,
    replace: ``,
    killers: [SERVE_CLIENTS],
  },
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
