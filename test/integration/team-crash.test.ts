/**
 * Goal: a discussion goes on by itself over whatever breaks beneath it, and its log has everything once.
 * Method: the real program with a saboteur loaded beside it; then the whole node is killed in the middle.
 *
 * @see src/actors/team, test/support/saboteur.ts
 * @module
 */
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { startNode } from "../support/node-harness.ts";
import { obeying, sabotage } from "../support/saboteur.ts";
import { contradictions, troubles } from "../support/team-log.ts";
import { begin, exported, type Heard, hearOut, listen, logIn, ofType } from "../support/team-node.ts";
import { temporaryFolder } from "../support/temporary.ts";

/** None of them is a thinker's own. */
const CRASHES: readonly string[] = ["host.restarted", "interrupted", "cell.gone"];

describe("a discussion", () => {
  test("TL7 goes on by itself over a thread that breaks and a node that is killed, and its log has all of it once", async () => {
    const file = join(temporaryFolder(), "command");
    const env = { RBEE_TEAM_CONTRIBUTIONS_MAX: "1", RBEE_TEAM_SAMPLES: "3", ...obeying(file) };
    const node = await startNode({ env });

    const vote = await begin(node, { request: "What is two and two?", mode: "vote" });
    sabotage(file, "store throw");
    const counted = logIn(await hearOut(node, vote.discussion));
    expect(node.stderr).toContain("store: its thread ended");
    expect(troubles(counted)).toEqual([]);
    expect(ofType(counted, "failed")).toEqual([]);

    const asked = await begin(node, { request: "Which way shall we go?", mode: "discuss" });
    const before: Heard[] = [];
    for await (const heard of listen(node, asked.discussion)) {
      const isFirst = heard.event.type === "token" && before.every(({ event }) => event.type !== "token");
      before.push(heard);
      if (isFirst) sabotage(file, "thinkers throw");
      if (heard.event.type === "contributed") break;
    }
    await node.kill();
    expect(node.stderr).toContain("thinkers: its thread ended");
    expect(contradictions(before.map(({ event }) => event))).toEqual([]);

    const next = await startNode({ home: node.home, env });
    const log = logIn(await hearOut(next, asked.discussion));
    const known = logIn(before);
    expect(known.length).toBeGreaterThan(4);
    expect(log.slice(0, known.length)).toEqual(known);
    expect(troubles(log)).toEqual([]);
    expect(ofType(log, "failed").filter(({ kind }) => CRASHES.includes(kind))).toEqual([]);
    expect((await exported(next, asked.session)).log).toEqual(log);
  }, 90_000);
});
