/**
 * Mutants of the journal on disk: its log, its checkpoint, and what leaves when.
 *
 * @module
 */
import { DELIVERY, JOURNAL, JOURNAL_LOG, JOURNAL_PAGES, OPENAI_ROUTES, STREAMS_PORT } from "./killers.ts";
import type { Mutant } from "./mutant.ts";

const LOG = "src/runtime/real/journal/log.ts";
const JOURNAL_PART = "src/runtime/real/journal/journal.ts";
const FRAME = "src/runtime/real/journal/frame.ts";
const SEGMENT = "src/runtime/real/journal/segment.ts";
const CORE = "src/runtime/core.ts";

export const journal: readonly Mutant[] = [
  {
    name: "read-behind-a-gap",
    rule: "LG2",
    breaks: "what was written behind a gap is read as if nothing were missing",
    file: FRAME,
    find: `  if (position !== undefined && bytes.readDoubleLE(at + 12) !== position) return undefined;\n`,
    replace: ``,
    killers: [JOURNAL],
  },
  {
    name: "torn-frame-read",
    rule: "FR1",
    breaks: "half a frame is read as a whole one",
    file: FRAME,
    find: `if (crc32(frame.subarray(CRC_FROM)) !== frame.readUInt32LE(4)) return undefined;`,
    replace: ``,
    killers: [JOURNAL],
  },
  {
    name: "loss-unnoticed",
    rule: "LG3",
    breaks: "a log that is damaged before what was flushed is read as far as it goes",
    file: LOG,
    find: `      if (flushedTo > this.#position)`,
    replace: `      if (flushedTo > this.#position + 1e12)`,
    killers: [JOURNAL],
  },
  {
    name: "flush-told-at-once",
    rule: "LG1",
    breaks: "who waits for a flush is called before it",
    file: LOG,
    find: `        await this.#of(generation).sync();`,
    replace: ``,
    killers: [JOURNAL],
  },
  {
    name: "older-file-not-synced",
    rule: "LG1",
    breaks: "what was written before its file was full is not synced with what follows",
    file: LOG,
    find: `        await this.#of(generation - 1).sync();`,
    replace: ``,
    killers: [JOURNAL],
  },
  {
    name: "file-written-over-too-soon",
    rule: "D6",
    breaks: "a file of the log is written over before the checkpoint has what it held",
    file: JOURNAL_PART,
    find: `    this.#foldNow(this.#behind);
    this.#behind = undefined;`,
    replace: `    this.#behind = undefined;`,
    killers: [JOURNAL_LOG],
  },
  {
    name: "free-last-pages-missed",
    rule: "LP1",
    breaks: "a journal whose last pages were free when it was written is refused as cut short",
    file: "src/runtime/real/journal/lmdb-header.ts",
    find: "isLikely && holdsAll",
    replace: "isLikely && !holdsAll",
    killers: [JOURNAL_PAGES],
  },
  {
    name: "log-not-emptied",
    rule: "LG2",
    breaks: "what an earlier life left behind a torn end is read as what followed it",
    file: SEGMENT,
    find: `      writeAll(file, Buffer.alloc(SEGMENT_BYTES), 0);`,
    replace: `      fstatSync(file);`,
    killers: [JOURNAL],
  },
  {
    name: "all-as-forgetful",
    rule: "rule 4",
    breaks: "a durable host hears of what a loss of power takes back",
    file: CORE,
    find: `(peer?.isForgetful === true ? "commit" : "flush")`,
    replace: `(peer?.isForgetful === true ? "commit" : "commit")`,
    killers: [DELIVERY],
  },
  {
    name: "relied-on-before-the-flush",
    rule: "rule 4",
    breaks: "a client is told what a loss of power takes back, since a volatile host tells it",
    file: CORE,
    find: `(after ?? (peer`,
    replace: `((peer`,
    killers: [DELIVERY],
  },
  {
    name: "every-job-awaited",
    rule: "RN0",
    breaks: "who may ask again under a word of their own is promised what no disk has",
    file: "src/doors/run.ts",
    find: `isAwaited: idempotencyKey === undefined,`,
    replace: `isAwaited: true,`,
    killers: [OPENAI_ROUTES],
  },
  {
    name: "end-told-before-its-text",
    rule: "RM10",
    breaks: "a job is done whose text a loss of power takes back",
    file: "src/hosts/porter/streams-port.ts",
    find: `    if (isAwaited) queueMicrotask(then);`,
    replace: `    if (isAwaited || !isAwaited) queueMicrotask(then);`,
    killers: [STREAMS_PORT],
  },
  {
    name: "done-taken-back",
    rule: "S8",
    breaks: "a job whose readers were told that it is done fails, since the power took the word of it from the queen",
    file: "src/net/streams.ts",
    find: `    if (spool?.end?.type === "done") return true;\n`,
    replace: ``,
    killers: [STREAMS_PORT],
  },
  {
    name: "done-done-again",
    rule: "SP1",
    breaks: "a job whose readers were told that it is done fails with the worker that it lost",
    file: "src/hosts/porter/streams-port.ts",
    find: `doneBefore(streams, asked) ?? `,
    replace: ``,
    killers: [STREAMS_PORT],
  },
];
