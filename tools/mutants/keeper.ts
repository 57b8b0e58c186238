/**
 * Mutants of the keeper and of the configuration: what a folder may say, what is written, what is proposed.
 *
 * @module
 */
import { CONFIG, CONFIG_WRITE, DOCTOR, LOGS, OFFERS, TRUST, UNIT } from "./killers.ts";
import type { Mutant } from "./mutant.ts";

const FILE_PART = "src/runtime/config/file.ts";
const TRUST_PART = "src/runtime/config/trust.ts";
const WRITE_PART = "src/runtime/config/write.ts";
const PRIVATE_PART = "src/runtime/config/private-file.ts";
const UNIT_PART = "src/cli/service/unit.ts";
const OFFERS_PART = "src/cli/wizard/offers.ts";
const LOG_PART = "src/cli/logs/log-file.ts";
const LINE_PART = "src/cli/logs/log-line.ts";
const CHECK_PART = "src/cli/doctor/check.ts";

export const keeper: readonly Mutant[] = [
  {
    name: "folder-opens-a-door",
    rule: "F2",
    breaks: "the file of a folder that nobody trusts opens the machine to others",
    file: FILE_PART,
    find: `if (trust.trusted || SETTINGS[key].folder) return;`,
    replace: `return;`,
    killers: [CONFIG, TRUST],
  },
  {
    name: "folder-reads-the-environment",
    rule: "F2",
    breaks: "the file of a folder that nobody trusts reads secrets of the environment",
    file: FILE_PART,
    find: `  if (reads) {`,
    replace: `  if (false) {`,
    killers: [CONFIG, TRUST],
  },
  {
    name: "changed-file-stays-trusted",
    rule: "TR1",
    breaks: "whoever changes a trusted file has the trust of the one before",
    file: TRUST_PART,
    find: `trusted.sha256 === digest(text) ? "trusted" : "changed"`,
    replace: `"trusted"`,
    killers: [TRUST],
  },
  {
    name: "trust-goes-with-the-bytes",
    rule: "TR1",
    breaks: "the same bytes in another folder are trusted there too",
    file: TRUST_PART,
    find: `path.join(realpathSync(path.dirname(resolved)), path.basename(resolved))`,
    replace: `path.basename(resolved)`,
    killers: [TRUST],
  },
  {
    name: "note-of-others-believed",
    rule: "TR2",
    breaks: "a note that others can change makes a file trusted",
    file: TRUST_PART,
    find: `(mode & OTHERS_WRITE) !== 0 ||`,
    replace: ``,
    killers: [TRUST],
  },
  {
    name: "trust-beside-a-named-file",
    rule: "TR2",
    breaks: "a folder brings the trust in itself along",
    file: "src/runtime/config/paths.ts",
    find: `trust: inside("trust"),`,
    replace: `trust: path.join(path.dirname(configFileIn(home)), "trust"),`,
    killers: [TRUST],
  },
  {
    name: "comment-goes-with-the-key",
    rule: "W1",
    breaks: "taking out the first key takes out what is said at the head of the file",
    file: WRITE_PART,
    find: `[...above, left, heir[part]]`,
    replace: `[left, heir[part]]`,
    killers: [CONFIG_WRITE],
  },
  {
    name: "comment-at-the-line-lost",
    rule: "W1",
    breaks: "what is said about a value goes when the value changes",
    file: WRITE_PART,
    find: `if (isNode(standing.value)) keepComments(standing.value, fresh);`,
    replace: ``,
    killers: [CONFIG_WRITE],
  },
  {
    name: "alias-changed-at-both-ends",
    rule: "W2",
    breaks: "a change of one setting changes another that refers to it",
    file: WRITE_PART,
    find: `    Alias: (_, { range })`,
    replace: `    Collection: (_, { range })`,
    killers: [CONFIG_WRITE],
  },
  {
    name: "wrong-file-written",
    rule: "W2",
    breaks: "a file is written that no command can read any more",
    file: WRITE_PART,
    find: `    checkText(file, after, fullEnvironment(env, file));`,
    replace: ``,
    killers: [CONFIG_WRITE],
  },
  {
    name: "link-replaced-by-a-file",
    rule: "PF1",
    breaks: "a configuration that is linked to is no longer the one that is kept elsewhere",
    file: PRIVATE_PART,
    find: `return realpathSync(file);`,
    replace: `return file;`,
    killers: [CONFIG_WRITE],
  },
  {
    name: "file-open-to-others",
    rule: "PF2",
    breaks: "others read the user's configuration",
    file: PRIVATE_PART,
    find: `{ mode: 0o600, flush: true }`,
    replace: `{ flush: true }`,
    killers: [CONFIG_WRITE, TRUST],
  },
  {
    name: "percent-read-as-a-specifier",
    rule: "SU2",
    breaks: "systemd starts another program where a path holds a percent sign",
    file: UNIT_PART,
    find: `.replaceAll("%", "%%").replaceAll("\\n"`,
    replace: `.replaceAll("\\n"`,
    killers: [UNIT],
  },
  {
    name: "dollar-read-as-a-variable",
    rule: "SU2",
    breaks: "systemd starts something else where a path holds a dollar sign",
    file: UNIT_PART,
    find: `escaped.replaceAll("$", "$$$$")`,
    replace: `escaped`,
    killers: [UNIT],
  },
  {
    name: "token-in-the-unit",
    rule: "SU1",
    breaks: "a secret of the environment stands in a file for good",
    file: UNIT_PART,
    find: `const PASSED = ["HF_ENDPOINT",`,
    replace: `const PASSED = ["HF_ENDPOINT", "HF_TOKEN",`,
    killers: [UNIT],
  },
  {
    name: "offer-without-its-context",
    rule: "WO1",
    breaks: "a model is proposed whose weights alone fill the memory",
    file: OFFERS_PART,
    find: `bytes * (1 + CONTEXT_SHARE) + PROCESS_BYTES`,
    replace: `bytes * 0.9`,
    killers: [OFFERS],
  },
  {
    name: "offer-without-disk",
    rule: "WO1",
    breaks: "a model is proposed that the disk has no room for",
    file: OFFERS_PART,
    find: ` && offer.bytes + DISK_SPARE_BYTES <= diskBytes`,
    replace: ``,
    killers: [OFFERS],
  },
  {
    name: "slow-offer-first",
    rule: "WO2",
    breaks: "a machine without a graphics card is advised to take what it can only crawl through",
    file: OFFERS_PART,
    find: `offer.bytesPerToken <= CPU_BYTES_PER_TOKEN_MAX && `,
    replace: ``,
    killers: [OFFERS],
  },
  {
    name: "link-out-of-the-logs",
    rule: "LG1",
    breaks: "a link in the logs folder shows a file that is none of its business",
    file: LOG_PART,
    find: `    if (realpathSync(wanted) !== path.join(realpathSync(folder), name)) return undefined;
    // Not blocking: whoever lays a pipe there does not hold us.
    const file = await open(wanted, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);`,
    replace: `    const file = await open(realpathSync(wanted), constants.O_RDONLY | constants.O_NONBLOCK);`,
    killers: [LOGS],
  },
  {
    name: "old-file-left-unread",
    rule: "LG2",
    breaks: "what was written just before a rotation is never shown",
    file: LOG_PART,
    find: `        yield* part.read(until);
        if (await part.isReplacedBy(log)) {
          // Between that look and the rename somebody may have written to it.
          yield* part.read();`,
    replace: `        if (!(await part.isReplacedBy(log))) yield* part.read(until);
        else {`,
    killers: [LOGS],
  },
  {
    name: "rotation-never-noticed",
    rule: "LG2",
    breaks: "a following goes silent at the first rotation",
    file: LOG_PART,
    find: `return one.ino === two.ino && one.dev === two.dev;`,
    replace: `return one.dev === two.dev;`,
    killers: [LOGS],
  },
  {
    name: "line-without-bound",
    rule: "LG3",
    breaks: "a worker that prints no newline fills the memory of who follows it",
    file: LOG_PART,
    find: `if (this.#unfinished.length > LINE_CHARS_MAX)`,
    replace: `if (this.#unfinished.length > 2 ** 30)`,
    killers: [LOGS],
  },
  {
    name: "screen-obeys-a-log",
    rule: "LL1",
    breaks: "what a worker prints moves the cursor of who looks at it",
    file: LINE_PART,
    find: `line.replaceAll(/[^\\P{Cc}\\t]/gu, "?")`,
    replace: `line`,
    killers: [LOGS],
  },
  {
    name: "broken-check-breaks-all",
    rule: "DC1",
    breaks: "one thing that cannot be examined takes the whole examination along",
    file: CHECK_PART,
    find: `    return { name, ...fail(\`it could not be examined: \${why}\`,`,
    replace: `    if (late !== undefined) throw error;
    return { name, ...fail(\`it could not be examined: \${why}\`,`,
    killers: [DOCTOR],
  },
  {
    name: "check-without-an-end",
    rule: "DC1",
    breaks: "one thing that hangs holds up the whole examination",
    file: CHECK_PART,
    find: `pause(withinMs, undefined,`,
    replace: `pause(2 ** 30, undefined,`,
    killers: [DOCTOR],
    mayHang: true,
  },
];
