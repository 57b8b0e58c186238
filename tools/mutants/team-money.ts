/**
 * Mutants of what a discussion may cost.
 *
 * @see mutant.ts
 * @module
 */
import { EGRESS, JOB_LEFT, SPECIALIST, TASKS, TEAM_SEAT } from "./killers.ts";
import type { Mutant } from "./mutant.ts";

const MONEY = "machines/rules/money.ts";
const STANDING = "machines/rules/standing.ts";
const DISCUSS = "machines/rules/discuss.ts";
const MONEY_RULES = "test/unit/machines/rules/money.test.ts";
const DISCUSSION_LOG = "test/property/machines/discussion.property.test.ts";
const ROSTER = "test/unit/hosts/team/roster.test.ts";

export const money: readonly Mutant[] = [
  {
    name: "a-second-call-for-free",
    rule: "MO1, TS12",
    breaks: "of a turn that makes two calls one is paid for in advance",
    file: MONEY,
    find: `call === "draft" || call === "talk"`,
    replace: `call === "draft"`,
    killers: [MONEY_RULES],
  },
  {
    name: "words-without-their-frame",
    rule: "MO1",
    breaks: "a prompt is longer than what was paid for in advance",
    file: MONEY,
    find: "FRAME_BYTES = 128",
    replace: "FRAME_BYTES = 0",
    killers: [MONEY_RULES],
  },
  {
    name: "the-poor-wait-for-money",
    rule: "MO2, TS12",
    breaks: "whose model costs nothing is not asked either when the money is gone",
    file: MONEY,
    find: "micros === 0 || micros <= leftOf(standing)",
    replace: "micros <= leftOf(standing)",
    killers: [MONEY_RULES],
  },
  {
    name: "nothing-for-the-last-word",
    rule: "MO3",
    breaks: "the talk spends what the last word needs",
    file: MONEY,
    find: "standing.settledMicros - lastWord(standing);",
    replace: "standing.settledMicros;",
    killers: [MONEY_RULES],
  },
  {
    name: "a-last-word-on-credit",
    rule: "MO3, TS12",
    breaks: "the last word costs money that is not there",
    file: MONEY,
    find: "return micros === 0 || standing.settledMicros + standing.reservedMicros + micros <= costMaxMicros;",
    replace: "return costMaxMicros > 0;",
    killers: [MONEY_RULES],
  },
  {
    name: "a-broken-call-for-free",
    rule: "DS5, TS12",
    breaks: "what a model billed before it broke is spent a second time",
    file: STANDING,
    find: `return event.type === "failed" && isUnbilled(event.kind) ? 0 : undefined;`,
    replace: "return 0;",
    killers: [MONEY_RULES],
  },
  {
    name: "lost-request-taken-for-unsent",
    rule: "EG8, MO5",
    breaks: "a connection that broke behind a request is taken for one that was never made, and counts nothing",
    file: "src/net/egress.ts",
    find: "return isUnconnected(cause)\n",
    replace: "return cause !== undefined\n",
    killers: [EGRESS],
  },
  {
    name: "nobody-there-is-paid",
    rule: "MO5, TS12",
    breaks: "a server that is not there spends the budget",
    file: MONEY,
    find: '  "endpoint.unreachable",\n',
    replace: "",
    killers: [MONEY_RULES],
  },
  {
    name: "waiting-for-the-dear",
    rule: "DC5, TL2",
    breaks: "who cannot be paid holds up those who need no money",
    file: DISCUSS,
    find: "const mine = live(standing).filter((its) => !isDear(standing, its));",
    replace: "const mine = live(standing);",
    killers: [MONEY_RULES, DISCUSSION_LOG],
  },
  {
    name: "first-step-forgotten",
    rule: "MO5, DS5, TS12",
    breaks: "of a turn whose second step never went out the first, which is billed, is spent a second time",
    file: STANDING,
    find: `if ("usage" in event && event.usage !== undefined) return`,
    replace: `if ("usage" in event && event.usage !== undefined && event.type !== "failed") return`,
    killers: [MONEY_RULES],
  },
  {
    name: "first-step-untold",
    rule: "MO5, TS12",
    breaks: "a thinker whose second step failed does not say what the first took",
    file: "src/actors/team/specialist.ts",
    find: "if (!isTurn(assignment.duty) || tokensOfUsage(work.usage) === 0)",
    replace: "if (!isTurn(assignment.duty) || tokensOfUsage(work.usage) >= 0)",
    killers: [SPECIALIST],
  },
  {
    name: "broken-step-for-free",
    rule: "DS5, TS12",
    breaks: "what a model billed for claims that never came is spent a second time",
    file: "src/actors/team/specialist.ts",
    find: `if (scope.event.type !== "call.failed" || isUnbilled`,
    replace: `if (scope.event.type.length > 0 || isUnbilled`,
    killers: [SPECIALIST],
  },
  {
    name: "unknown-cost-taken-for-none",
    rule: "DS5, TS12",
    breaks: "what nobody knows the cost of costs nothing",
    file: STANDING,
    find: `if ("usage" in event && event.usage !== undefined) return event.usage.costMicros;`,
    replace: `if ("usage" in event && event.usage !== undefined) return event.usage.costMicros ?? 0;`,
    killers: [MONEY_RULES],
  },
  {
    name: "billed-call-made-again",
    rule: "TA6, MO6, TS12",
    breaks: "an answer that broke is billed once more, and nobody had set that aside",
    file: "src/actors/team/tasks.ts",
    find: `standing.thinkers.get(name)?.billed) !== undefined`,
    replace: `standing.thinkers.get(name)?.billed) === null`,
    killers: [TASKS],
  },
  {
    name: "begun-once-more-behind-a-stop",
    rule: "J10",
    breaks: "a job that may be begun once is begun again when its node has stopped in between",
    file: "machines/job.ts",
    find: `isOnce: ({ context }) => context.isOnce === true,`,
    replace: `isOnce: ({ context }) => context.isOnce === undefined && context.attempt < 0,`,
    killers: [JOB_LEFT],
  },
  {
    name: "fork-at-another-price",
    rule: "RO4, TE10, TS12",
    breaks: "a discussion goes on with work that its log sets too little aside for",
    file: "src/hosts/team/roster.ts",
    find: `logged.input === now.input && logged.output`,
    replace: `logged.input >= 0 && logged.output`,
    killers: [TEAM_SEAT],
  },
  {
    name: "fork-of-another-model",
    rule: "TE5",
    breaks: "a discussion goes on with another model than it was asked for with",
    file: "src/hosts/team/seat.ts",
    find: `model: first.model, caller`,
    replace: `model: undefined, caller`,
    killers: [TEAM_SEAT],
  },
  {
    name: "failure-told-as-a-spent-budget",
    rule: "DC10, TS6",
    breaks: "a team whose models all failed is told to lack money",
    file: DISCUSS,
    find: "its.failures > 0 && isDear(standing, its)",
    replace: "its.failures > 9 && isDear(standing, its)",
    killers: [MONEY_RULES],
  },
  {
    name: "nobody-is-billed",
    rule: "RO3, TS12",
    breaks: "the log does not say whose model costs what, and nothing is held back",
    file: "src/hosts/team/roster.ts",
    find: "if (price === undefined) return {};",
    replace: "if (price !== undefined) return {};",
    killers: [ROSTER],
  },
];
