/**
 * Goal: a discussion whose times are all so many times as long is the same one, so many times as slow.
 * Method: two real nodes beside each other; the models of the second, and its settings, take three times as long.
 *
 * @see machines/README.md, TD7; test/support/keyed-node.ts
 * @module
 */
import { afterAll, beforeAll, expect, test } from "vitest";
import type { LogEvent } from "../../machines/rules/log.ts";
import { checkLog, told } from "../simulation/team/check-log.ts";
import { thinks } from "../support/conducted.ts";
import type { HeardCall } from "../support/keyed-models.ts";
import { KeyedNode } from "../support/keyed-node.ts";
import { begin, hearOut, logIn, ofType } from "../support/team-node.ts";

/** Between two events that depend on no other there are three quarters of it at the least. */
const UNIT_MS = 600;
const TIMES = 3;
/** What a machine that others use takes of a unit for itself, whatever the scale. */
const TICK_MS = UNIT_MS;

const nodes: KeyedNode[] = [];
const envOf = (scale: number): Readonly<Record<string, string>> => {
  const units = (count: number): string => `${count * UNIT_MS * scale}ms`;
  return {
    RBEE_TEAM_STYLE: "free",
    RBEE_TEAM_SPECIALISTS: "ann,ben,cat",
    RBEE_TEAM_IDLE: units(3.5),
    RBEE_TEAM_TURN: units(5),
    RBEE_TEAM_GRACE: units(3),
    RBEE_TEAM_FINAL: units(2),
  };
};

beforeAll(async () => {
  const seats = ["ann", "ben", "cat"].map((name) => ({ name }));
  nodes.push(...(await Promise.all([1, TIMES].map((scale) => KeyedNode.start(envOf(scale), seats)))));
  // Nobody waits for a worker that is being made.
  for (const { box, node } of nodes) {
    box.instead = (call) => call.answer("I am here.");
    await hearOut(node, (await begin(node, { request: "Are you there?", mode: "alone" })).discussion);
  }
}, 120_000);
afterAll(async () => {
  for (const one of nodes) await one.close();
});

/** In units; nothing for what is never said. Who speaks to a question that ends soon is heard, and nobody else. */
function pauseOf({ agent, step, prompt }: HeardCall): number | undefined {
  const isShort = prompt.includes("soon");
  if (step === "final") return isShort ? undefined : 0.5;
  if (agent === "cat" || (isShort && agent === "ben")) return undefined;
  return agent === "ann" ? 0.25 : 1.25;
}

/** Ann speaks, once; the others have nothing to say. */
const saidBy = (call: HeardCall): string =>
  call.step === "bid"
    ? JSON.stringify({ move: call.agent === "ann" && !call.prompt.includes("ann wrote") ? "speak" : "pass", why: "so" })
    : thinks(call);

async function logOf(
  { node }: KeyedNode,
  scale: number,
  request: string,
  units?: number,
): Promise<readonly LogEvent[]> {
  const limit = units === undefined ? {} : { deadline_ms: units * UNIT_MS * scale };
  const { discussion } = await begin(node, { request, mode: "discuss", ...limit });
  return logIn(await hearOut(node, discussion));
}

const shapeOf = (log: readonly LogEvent[]) =>
  log.map((one) => [one.type, "agent" in one ? one.agent : "", "kind" in one ? one.kind : ""]);
const stampsOf = (log: readonly LogEvent[]): readonly number[] => log.map(({ at }) => at - (log[0]?.at ?? 0));

test("TD7 with all its times so many times as long each stamp of a discussion is so many times as late", async () => {
  const scaled = nodes.map((on, at) => ({ on, scale: at === 0 ? 1 : TIMES }));
  for (const { on, scale } of scaled) {
    on.box.instead = (call) => {
      const pause = pauseOf(call);
      if (pause !== undefined) setTimeout(() => call.answer(saidBy(call)), pause * UNIT_MS * scale);
    };
  }
  const quiet = scaled.map(({ on, scale }) => logOf(on, scale, "Which way?"));
  const hurried = scaled.map(({ on, scale }) => logOf(on, scale, "Which way, and soon?", 1.5));
  const ends = { all_idle: await Promise.all(quiet), timeout: await Promise.all(hurried) };
  for (const [reason, [fast = [], slow = []]] of Object.entries(ends)) {
    for (const log of [fast, slow]) {
      expect(told(checkLog(log, true, TICK_MS))).toEqual([]);
      expect(ofType(log, "closing")[0]?.reason).toBe(reason);
      expect(log.map(({ type }) => type)).toContain(reason === "timeout" ? "cancelled" : "failed");
    }
    expect(shapeOf(slow)).toEqual(shapeOf(fast));
    const off = stampsOf(slow).map((ms, seq) => Math.round(ms / TIMES - (stampsOf(fast)[seq] ?? Infinity)));
    console.log(`${reason}: ${stampsOf(fast).join(" ")} ms, and ${TIMES} times as slow off by ${off.join(" ")} ms`);
    expect(Math.max(...off.map(Math.abs))).toBeLessThan(TICK_MS);
  }
}, 60_000);
