/**
 * Mutants of the kernel, rules 9 and 10: what throws, what kills its host, a full disk.
 *
 * @module
 */
import { FAILURE, RESTART } from "./killers.ts";
import type { Mutant } from "./mutant.ts";

const CAREFUL = "src/runtime/careful.ts";
const COMMIT = "src/runtime/commit.ts";
const DEAD_LETTERS = "src/runtime/dead-letters.ts";
const FOLD = "src/runtime/fold.ts";
const HOST = "src/runtime/host.ts";
const LIFE = "src/runtime/life.ts";

export const kernelFailure: readonly Mutant[] = [
  {
    name: "full-disk-blames-mail",
    rule: "9",
    breaks: "what was tried while the disk was full is buried as if it had killed its host",
    file: "src/runtime/restore.ts",
    find: `if (core.options.blameless === true) core.batch.del(key);`,
    replace: `if (core.options.blameless === undefined) core.batch.del(key);`,
    killers: ["test/unit/runtime/rules-failure.test.ts"],
  },
  {
    name: "thrown-step-keeps-its-rows",
    rule: "rule 9",
    breaks: "rows that a step put before it threw stay",
    file: FOLD,
    find: `    core.tables.undo();`,
    replace: ``,
    killers: [FAILURE],
  },
  {
    name: "thrown-event-retried",
    rule: "rule 9",
    breaks: "an event whose step threw is folded again until its cell is given up",
    file: FOLD,
    find: `    return superviseCell(core, cell, thrown);`,
    replace: `    cell.mailbox.push(item);
    return superviseCell(core, cell, thrown);`,
    killers: [FAILURE],
  },
  {
    name: "one-restart-too-few",
    rule: "RL2",
    breaks: "a cell is given up one restart before its intensity is reached",
    file: LIFE,
    find: `cell.restartedAt.length <= max`,
    replace: `cell.restartedAt.length < max`,
    killers: [FAILURE],
  },
  {
    name: "one-restart-too-many",
    rule: "RL2",
    breaks: "a cell is restarted once more than its intensity allows",
    file: LIFE,
    find: `cell.restartedAt.length <= max`,
    replace: `cell.restartedAt.length <= max + 1`,
    killers: [FAILURE],
  },
  {
    name: "restarts-never-forgotten",
    rule: "RL2",
    breaks: "restarts that are days apart add up",
    file: LIFE,
    find: `cell.restartedAt.filter((at) => at > now - windowMs)`,
    replace: `cell.restartedAt.filter((at) => at <= now)`,
    killers: [FAILURE],
  },
  {
    name: "restarted-cell-not-told",
    rule: "rule 9",
    breaks: "a cell that was restarted does not hear so",
    file: LIFE,
    find: `    return deliver(core, cell, { kind: "kernel", event: RESTORED, label: "internal" });`,
    replace: `    return;`,
    killers: [FAILURE],
  },
  {
    name: "poison-tried-for-ever",
    rule: "rule 9",
    breaks: "mail that kills its host kills it after every restart",
    file: CAREFUL,
    find: `if (tries > TRIES_MAX) {`,
    replace: `if (tries < 0) {`,
    killers: [FAILURE],
  },
  {
    name: "poison-given-up-too-early",
    rule: "rule 9",
    breaks: "mail is a dead letter at its second try",
    file: CAREFUL,
    find: `const TRIES_MAX = 2;`,
    replace: `const TRIES_MAX = 1;`,
    killers: [FAILURE],
  },
  {
    name: "try-not-written-first",
    rule: "rule 9",
    breaks: "a try is counted after it, which is never",
    file: CAREFUL,
    find: `  core.batch.put(KEY.tries(identity), tries);
  commitTurn(core);`,
    replace: `  core.batch.put(KEY.tries(identity), tries);`,
    killers: [FAILURE],
  },
  {
    name: "unhandled-event-passes-unseen",
    rule: "rule 9",
    breaks: "an event that no state knows leaves no dead letter",
    file: FOLD,
    find: `if (unhandled && item.kind !== "kernel")`,
    replace: `if (unhandled && item.kind === "start")`,
    killers: [FAILURE],
  },
  {
    name: "dead-letters-without-a-bound",
    rule: "rule 9",
    breaks: "dead letters are kept for ever",
    file: DEAD_LETTERS,
    find: `deadLetters.keys.length > DEAD_LETTERS_MAX`,
    replace: `deadLetters.keys.length < 0`,
    killers: [FAILURE],
  },
  {
    name: "refused-commit-goes-on",
    rule: "rule 10",
    breaks: "a host whose commit was refused goes on as if it had succeeded",
    file: COMMIT,
    find: `    core.crashed = { error };`,
    replace: `    void error;`,
    killers: [FAILURE],
  },
  {
    name: "headroom-not-looked-at",
    rule: "rule 10",
    breaks: "a host admits until a commit fails",
    file: HOST,
    find: `this.core.refusing = freeBytes < headroomBytes ?`,
    replace: `this.core.refusing = freeBytes < 0 ?`,
    killers: [FAILURE],
  },
  {
    name: "refusing-for-ever",
    rule: "rule 10",
    breaks: "a host that once had no room on disk never admits again",
    file: HOST,
    find: `this.core.refusing = freeBytes < headroomBytes ?`,
    replace: `this.core.refusing ??= freeBytes < headroomBytes ?`,
    killers: [FAILURE],
  },
  {
    name: "half-a-turn-committed-when-a-root-breaks",
    rule: "rule 9",
    breaks: "what a turn did before its host broke is committed",
    file: HOST,
    find: `if (core.crashed === undefined) commitTurn(core);`,
    replace: `commitTurn(core);`,
    killers: [FAILURE],
  },
  {
    name: "care-without-an-end",
    rule: "rule 9",
    breaks: "after a crash mail is tried one a turn for ever",
    file: CAREFUL,
    find: `  core.carefulLeft -= 1;`,
    replace: ``,
    killers: [FAILURE],
  },
  {
    name: "turn-goes-on-in-a-crashed-host",
    rule: "rule 9",
    breaks: "a host whose root broke turns on the same cells for ever",
    file: HOST,
    find: `if (folded === undefined || core.crashed !== undefined) break;`,
    replace: `if (folded === undefined) break;`,
    killers: [FAILURE],
    mayHang: true,
  },
  {
    name: "full-disk-asked-to-write-at-once",
    rule: "rule 10",
    breaks: "a host that starts on a full disk dies before it has anything to say",
    file: HOST,
    find: `    if (core.refusing === undefined) core.batch.put(KEY.meta, metaRow(core, false));`,
    replace: `    core.batch.put(KEY.meta, metaRow(core, false));`,
    killers: [RESTART],
  },
];
